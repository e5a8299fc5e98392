// What has had its time leaves the store: finished sagas, start keys, answered commands.
//
// Every verb does a piece of work whose size the caller chooses, is safe to repeat, and is safe beside other
// engines that do the same. None of them touches a saga that is not over.
#pragma once
#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/saga_id.hpp"
#include "engine/base/time.hpp"
#include "engine/ports/store.hpp"

namespace amends::engine {

// Tags and journal only where they were asked for.
struct EndedSaga {
  SagaRow row;
  std::vector<Tag> tags;
  std::vector<JournalRow> journal;
};

struct KeptKey {
  SagaId saga;
  std::string workflow, key;
  WallTime until;
};

struct EndedPage {
  std::vector<EndedSaga> sagas;  // ascending
  std::optional<SagaId> more;    // pass as `after` for the next page; nothing when there is none
};

// Any thread, but one call at a time. Throws StoreUnavailable.
class Retention {
 public:
  virtual ~Retention() = default;

  // Looks at `looked_max` sagas of the shard with an id above `after`, oldest first, and gives those that
  // ended before `ended_before`: over, and since then unchanged. `whole` brings tags and journal too.
  virtual EndedPage find_ended(ShardId shard, std::optional<SagaId> after, WallTime ended_before,
                               std::uint32_t looked_max, bool whole) = 0;
  // Deletes those of them that are over, with journal and tags, all or none; says how many. Their start keys
  // stay. Need not be durable when it returns: after a crash they may be there again, whole.
  virtual std::uint32_t retire(const std::vector<SagaId>& sagas) = 0;

  // Of these keys, those that are still these sagas' are remembered until then, if not longer already. All or
  // none.
  virtual void keep_keys(const std::vector<KeptKey>& keys) = 0;
  // Forgets start keys whose `until` has passed: not while their saga runs or has not been over since before
  // `ended_before`, nor while the command that will start it is undecided. At most count_max; says how many.
  virtual std::uint32_t forget_keys(WallTime now, WallTime ended_before, std::uint32_t count_max) = 0;
  // Of these shards, commands that were answered before. At most count_max; says how many.
  virtual std::uint32_t forget_commands(const std::vector<ShardId>& shards, WallTime answered_before,
                                        std::uint32_t count_max) = 0;

  // How long one call should take: where flushes wait for it meanwhile, they notice.
  virtual Micros piece_time() const { return Millis(20); }
};

// No saga that was started later has a smaller id, give or take a clock that was set.
inline SagaId first_id_after(WallTime at, ShardId shard) {
  return SagaId::make(std::max(at, WallTime{}) + Millis(1), shard, 0);
}

}  // namespace amends::engine
