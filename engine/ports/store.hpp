// The relational truth: saga rows, the journal, start keys, plans. One port, several stores, one conformance
// suite.
//
// A store has one writer, fenced by its epoch, and any number of readers. Everything that a flush writes, it
// writes in one transaction that first compares and sets the writer's row: all rows are written or none.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/saga_id.hpp"
#include "engine/base/time.hpp"

namespace amends::engine {

class Inspection;
class Retention;
class SharedStore;

// ---- rows
// ----------------------------------------------------------------------------------------------------------

// What SQL sees of a saga. Its id is made when it is accepted, so the id's time is created_at, give or take a
// clock that was set. `seq` is the journal row this row was folded up to; the journal may be ahead of it
// while the saga runs, never behind.
struct SagaRow {
  SagaId id;
  std::string plan_id;  // "fulfil-order@1"
  std::string workflow;
  std::string key;          // the client's idempotency key; empty when it gave none
  std::string state;        // a stable name: "running", "completed", ...
  std::string step;         // what it waits for or where it is stuck; empty while nothing stands out
  std::string error_class;  // stable and short; empty without an error
  std::uint32_t seq = 0;
  bool active = true;  // not terminal (completed, compensated, abandoned); changes once
  std::optional<WallTime>
      wake_at;  // never later than the saga's next own movement; nothing: any time, or none
  WallTime created_at{}, updated_at{};

  bool operator==(const SagaRow&) const = default;
};

// One decision: `body` is the JSON array of its entries. seq is 1..n without a gap.
struct JournalRow {
  SagaId saga;
  std::uint32_t seq = 0;
  WallTime at{};
  std::string body;
  // Set by the store when it writes the row: which writer, in which flush.
  std::uint64_t epoch = 0, commit_seq = 0;

  bool operator==(const JournalRow&) const = default;
};

struct Tag {
  std::string name, value;
  bool operator==(const Tag&) const = default;
};

// Claims (workflow, key) for a saga. Outlives the saga until `until`.
struct StartKey {
  std::string workflow, key;
  std::string body_hash;  // hex SHA-256 over version, canonical input and tags
  WallTime until{};
  bool operator==(const StartKey&) const = default;
};

struct PlanRow {
  std::string plan_id, workflow;
  std::uint32_t version = 0;
  std::string shape, graph;
  bool operator==(const PlanRow&) const = default;
};

// ---- writing
// -------------------------------------------------------------------------------------------------------

struct NewSaga {
  SagaRow row;
  std::optional<StartKey> key;
  std::vector<Tag> tags;
};

// What became of a command that came through the store; durable in the flush that carries the decision, and
// forgotten an hour later.
struct CommandDone {
  SagaId command;
  std::string verdict;   // a stable name: "accepted", "remembered", "too_late", "refused", "invalid", ...
  std::string sentence;  // for people

  bool operator==(const CommandDone&) const = default;
};

// One flush. A saga may have several journal rows in it, and both a start and an update (then the update
// wins).
struct Batch {
  std::vector<NewSaga> starts = {};
  // By id; the row exists or is among the starts, or the flush is refused. What the start fixed stays:
  // plan_id, workflow, key, created_at.
  std::vector<SagaRow> updates = {};
  std::vector<JournalRow> journal = {};
  // Of a shared store (shared_store.hpp): what became of its commands.
  std::vector<CommandDone> answered = {};
  bool empty() const { return starts.empty() && updates.empty() && journal.empty() && answered.empty(); }
};

enum class CommitStatus : std::uint8_t {
  committed,  // durable
  refused,    // surely nothing was written, and the store can be used on: disk full, or data that it does not
              // take
  fenced,     // surely nothing was written: another writer has taken over. Drop everything.
  unknown,    // it may have been written: take_over() before anything else is believed
};

// A start whose key was taken already, by an earlier flush or earlier in this one. None of its rows were
// written, nor the updates and journal rows of its saga.
struct KeyTaken {
  std::size_t start = 0;  // index into Batch::starts
  SagaId saga;            // who has it
  std::string body_hash;
};

struct CommitResult {
  CommitStatus status = CommitStatus::unknown;
  std::vector<KeyTaken> taken;  // for committed
  std::string error_class;      // for the others: "disk_full", "io", "data", "fenced"
  std::string error;            // one sentence for people
};

// What take_over() found and made.
struct Writer {
  std::uint64_t epoch = 0;  // ours, durably larger than any before
  std::uint64_t commit_seq =
      0;  // of the last flush that is durable, whoever wrote it; ours continue from here
};

struct Opened {
  std::optional<Writer> writer;  // nothing when the store cannot be written now
  std::string error_class, error;
};

// A saga that is not over, with its whole journal. Which of them are read back is decided by their rows.
struct SavedSaga {
  SagaRow row;
  std::vector<JournalRow> journal;
};

// Where a walk over a shard's waiting sagas goes on: behind this time and id.
struct DueAfter {
  ShardId shard = 0;
  WallTime wake_at{};
  SagaId saga = {};
};

// ---- reading
// -------------------------------------------------------------------------------------------------------

struct SagaFilter {
  std::string workflow = {}, state = {}, key = {};  // empty: any
  std::vector<Tag> tags = {};                       // all must match
  std::optional<WallTime> created_since = {}, created_before = {};
  bool operator==(const SagaFilter&) const = default;
};

struct SagaPage {
  std::vector<SagaRow> rows;   // newest id first
  std::optional<SagaId> more;  // pass as `before` for the next page; nothing on the last
};

struct StateCount {
  std::string workflow, state;
  std::uint64_t count = 0;
};

// Sagas that are not over, and that nothing happens to for a while.
struct Sleepers {
  std::uint64_t waiting = 0, parked = 0;
};

// Reads see committed rows only, each call one snapshot. Any thread; throws StoreUnavailable when the store
// cannot be read.
class StoreReader {
 public:
  virtual ~StoreReader() = default;

  virtual std::optional<SagaRow> find_saga(const SagaId& id) = 0;
  // Rows with seq above `after_seq`, ascending, at most count_max.
  virtual std::vector<JournalRow> read_journal(const SagaId& id, std::uint32_t after_seq,
                                               std::uint32_t count_max) = 0;
  virtual std::vector<Tag> read_tags(const SagaId& id) = 0;
  // At most count_max rows with id below `before`, newest first.
  virtual SagaPage list(const SagaFilter& filter, std::optional<SagaId> before, std::uint32_t count_max) = 0;
  virtual std::optional<SagaId> find_start_key(std::string_view workflow, std::string_view key) = 0;
  virtual std::vector<PlanRow> plans() = 0;
  virtual std::vector<StateCount> counts() = 0;
  // Of these shards: those that wait until after `until`, and those that rest with an operator.
  virtual Sleepers count_sleepers(const std::vector<ShardId>& shards, WallTime until) = 0;

  // To read everything and check it (inspection.hpp); nothing where that is not to be had.
  virtual Inspection* inspection() { return nullptr; }
};

// Verbs of the one writer: call them from one thread at a time. Those without a result of their own throw
// StoreUnavailable, with the class "fenced" when another writer has taken over. After an unknown commit
// nothing can be read or written before take_over() succeeded.
class Store : public StoreReader {
 public:
  // Drops what the connection may still hold, reconnects and durably raises the epoch. Only after it
  // succeeded is the outcome of an unknown commit known: commit_seq tells whether it landed. Also the first
  // call after opening.
  virtual Opened take_over(std::string_view engine_id, WallTime now) = 0;

  // Writes everything with commit_seq = the last one + 1, if our epoch still stands. Blocks for one durable
  // write.
  virtual CommitResult commit(const Batch& batch) = 0;

  // Safe twice. A plan id whose shape differs is left as it is and returned: the caller refuses that plan.
  virtual std::vector<PlanRow> ensure_plans(const std::vector<PlanRow>& plans) = 0;

  // The sagas of the shard that may move at any time, with id above `after`, ascending, at most count_max:
  // neither over nor at rest with an operator, and without a wake_at.
  virtual std::vector<SavedSaga> load_live(ShardId shard, std::optional<SagaId> after,
                                           std::uint32_t count_max) = 0;

  // Those of each shard that wait until `until` at the latest, by time, then id: at most count_max of each
  // shard.
  virtual std::vector<SavedSaga> load_due(const std::vector<DueAfter>& after, WallTime until,
                                          std::uint32_t count_max) = 0;

  // Of these, those that are not over, ascending.
  virtual std::vector<SavedSaga> load_sagas(const std::vector<SagaId>& sagas) = 0;

  // Forgets what the store keeps of earlier flushes and needs no more. Now and then.
  virtual void purge_flushes() {}

  // The verbs by which what has had its time leaves (retention.hpp); nothing where they are not to be had.
  virtual Retention* retention() { return nullptr; }

  // The verbs for sharing it, where several engines can. Else nothing, and shard 0 is all there is.
  virtual SharedStore* shared() { return nullptr; }
};

// The store cannot be read or written now; the text is for people.
struct StoreUnavailable {
  std::string error_class, error;
};

}  // namespace amends::engine
