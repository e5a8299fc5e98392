// A store that several engines share: who owns which shards, and what they leave for each other in it.
//
// Every engine has one writer, a row with an epoch and a lease, and the writer owns shards; it alone writes
// their sagas. A writer whose lease ran out may be declared dead by any other: its epoch is raised, so that
// it can write nothing more, and its shards are free. A living writer gives shards away itself.
#pragma once
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/saga_id.hpp"
#include "engine/base/time.hpp"
#include "engine/ports/store.hpp"

namespace amends::engine {

// ---- who owns what ---------------------------------------------------------------------------------------

struct Share {
  // Ours until so long after tend() was called: by then it must have been called again. Flushes renew
  // nothing.
  Millis lease{};
  std::vector<ShardId> owned;  // ascending; all that are ours now
  std::uint32_t surplus = 0;   // so many of them are more than our even share: another engine waits for them
  std::uint32_t engines = 1;   // whose lease stands, ours among them
};

struct EngineRow {
  std::string engine_id, address;  // the address is what it said itself; empty when it serves none
  std::string version;
  std::uint64_t epoch = 0, commit_seq = 0;
  std::uint32_t shards = 0;
  WallTime taken_at{};  // since when this incarnation writes
  WallTime lease_until{};
  bool alive = false;   // its lease stands, by the store's clock
  bool left = false;    // it stopped in order; neither alive nor left: it died, or cannot reach the store
  Millis lease_left{};  // by the store's clock; negative once it has passed
  WallTime heard_at{};  // of one that is gone: when it was known to live last
  std::uint32_t backend = 0;                 // the server's process that it writes through; 0: unknown
  int schema_oldest = 0, schema_newest = 0;  // that it runs on; 0: unknown
};

struct ShardRow {
  ShardId shard = 0;
  std::string engine_id;   // empty: free
  std::uint64_t live = 0;  // sagas that are not over
};

// ---- what waits for its owner ----------------------------------------------------------------------------

// Something that entered and was not yet decided, by an engine that does not own the saga, or by SQL.
struct CommandRow {
  SagaId id;         // its own id; its shard is the saga's
  std::string kind;  // "start", "cancel", "retry", ...
  SagaId saga;
  WallTime at{};  // when it was accepted
  std::string
      body;  // JSON: a start's {workflow, version?, key?, input, tags}, a command's {step?, reason, ...}

  bool operator==(const CommandRow&) const = default;
};

// How the sharing is doing, at one moment; cheap enough to be asked every few seconds.
struct SharedCounts {
  std::uint32_t alive = 0, dead = 0;   // engines; the dead are gone without having left, for at most a day
  std::uint32_t shards = 0, free = 0;  // free: owned by nobody
  std::uint64_t waiting = 0;           // undecided commands; counted to a hundred thousand
  std::optional<Millis> oldest_waits;  // how long the oldest of them has
};

// A command that was answered "invalid" and not yet forgotten: a start that no saga came of.
struct RefusedCommand {
  SagaId saga;
  std::string kind, sentence;
  WallTime at{};  // of the answer
};

// Starts that wait, and no engine has ever had a plan for them.
struct UnplannedStarts {
  std::string workflow;
  std::optional<std::uint32_t> version;
  std::uint64_t count = 0;
};

struct CommandTrouble {
  std::uint64_t refused = 0;
  std::vector<RefusedCommand> latest;      // of those, newest first, at most three
  std::vector<UnplannedStarts> unplanned;  // among the oldest starts of each shard; at most ten
};

// Throws StoreUnavailable like the other verbs.
class SharedStore {
 public:
  virtual ~SharedStore() = default;

  // ---- the writer's, from its thread ----

  // Renews our lease, frees the shards of writers that are dead, and takes free ones up to our even share.
  // Throws class "fenced" when we have been declared dead ourselves: then take_over() joins anew, with no
  // shard.
  virtual Share tend(WallTime now) = 0;
  // Ours no more from here on, whatever tend() says next; wakes the engines that wait for them. All their
  // sagas' rows must be written.
  virtual void give_up(const std::vector<ShardId>& shards) = 0;
  // Gives everything up and ends the lease: the last verb of an engine that stops.
  virtual void leave() = 0;

  // ---- any thread ----

  // Where this engine serves, for people and for the refusal of a twin. Others see it from the next tend() or
  // take_over() on.
  virtual void introduce(const std::string& address) = 0;

  // Durable when it returns, and wakes its owner.
  virtual void post_command(const CommandRow& row) = 0;
  // Undecided ones of these shards with an id above `after`, ascending, at most count_max.
  virtual std::vector<CommandRow> read_commands(const std::vector<ShardId>& shards,
                                                std::optional<SagaId> after, std::uint32_t count_max) = 0;
  // Of these commands, those that were decided.
  virtual std::vector<CommandDone> find_done(const std::vector<SagaId>& commands) = 0;
  // Of these sagas, those that the store has.
  virtual std::vector<SagaRow> find_sagas(const std::vector<SagaId>& sagas) = 0;
  // Those that are alive or own shards, and those that were heard of in the last day.
  virtual std::vector<EngineRow> engines() = 0;
  virtual std::vector<ShardRow> shards() = 0;
  virtual SharedCounts shared_counts() = 0;
  virtual CommandTrouble command_trouble() = 0;

  // Calls `wake` when the store may hold something new for us: a command, or shards. A hint that can get
  // lost: look anyway now and then. From a thread of the store's own; replaces the one before, nothing ends
  // it.
  virtual void on_wake(std::function<void()> wake) = 0;
};

}  // namespace amends::engine
