// The rows of a memory store, shared by the stores that are open over them as a file is shared by processes.
#pragma once
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/ports/shared_store.hpp"
#include "engine/ports/store.hpp"

namespace amends::memory {

// What a commit answers instead of being tried. The unknown ones differ in what take_over() will find.
enum class Answer : std::uint8_t { refused, disk_full, fenced, unknown_landed, unknown_lost };

// Any thread. Outlives the stores over it, as tables outlive a crash.
class Tables {
 public:
  // With more than one shard, several engines share them (engine/ports/shared_store.hpp). 1 to 4096.
  explicit Tables(engine::ShardId shards = 1) : owners_(shards) {}

  // The nth commit from now, over any store (1 is the next one), answers so. A fenced one raises the epoch,
  // as the rival that it stands for would have.
  void answer_commit(std::uint64_t nth, Answer answer);
  // Empty while it is free.
  std::string owner_of(engine::ShardId shard) const;
  // The next `count` take-overs fail, class "io".
  void fail_take_overs(std::uint32_t count);

 private:
  friend class MemoryStore;

  struct Claim {
    engine::SagaId saga;
    std::string body_hash;
    engine::WallTime until;
  };
  using Key = std::pair<std::string, std::string>;  // workflow, key

  struct WriterState {
    std::uint64_t epoch = 0, commit_seq = 0;
    engine::WallTime taken_at{}, lease_until{};
    const void* incarnation = nullptr;  // whose store object it is; nothing once that is gone
    bool left = false;                  // in order
    std::string address;
  };
  struct Waiting {
    engine::CommandRow row;
    std::optional<engine::CommandDone> done;
  };

  // What a flush would do, found out before anything is touched.
  struct Verdict {
    std::string error;  // empty: it can be written
    std::vector<engine::KeyTaken> taken;
    std::set<engine::SagaId> left_out;
  };
  Verdict judge_locked(const engine::Batch& batch) const;
  void apply_locked(const engine::Batch& batch, const Verdict& verdict, WriterState& writer);
  std::optional<Answer> next_answer_locked();

  bool is_shared() const { return owners_.size() > 1; }
  std::vector<engine::ShardId> owned_locked(const std::string& engine) const;
  void wake(const std::string& engine);  // not under the lock; all of them when empty

  bool is_planned_locked(const engine::UnplannedStarts& start) const;

  mutable std::mutex mutex_;
  engine::WallTime now_{};                      // the latest that a verb was told: the clock of these tables
  std::map<std::string, WriterState> writers_;  // by engine; a store that is not shared has one, ""
  std::vector<std::string> owners_;             // of each shard, by engine; empty: free
  std::map<engine::SagaId, Waiting> commands_;
  std::map<std::string, std::function<void()>> wakes_;
  std::map<engine::SagaId, engine::SagaRow> sagas_;
  std::map<engine::SagaId, std::map<std::uint32_t, engine::JournalRow>> journal_;
  std::map<engine::SagaId, std::map<std::string, std::string>> tags_;
  std::map<Key, Claim> keys_;
  std::map<std::string, engine::PlanRow> plans_;
  std::uint64_t commits_ = 0;
  std::map<std::uint64_t, Answer> answers_;  // by the number of the commit
  std::uint32_t failing_take_overs_ = 0;
};

}  // namespace amends::memory
