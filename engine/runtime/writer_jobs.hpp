// What the loop asks of the store, and of whom.
#pragma once
#include <variant>
#include <vector>

#include "engine/ports/store.hpp"
#include "engine/runtime/shard.hpp"

namespace amends::engine {

struct CommitJob {
  const Batch* batch;  // the shard keeps it until the report
};
// Takes the store over, however long that takes, then reads all live sagas back.
struct TakeOverJob {
  std::vector<SagaId> doubtful;
  bool in_doubt = true;  // a commit is; else the engine was fenced
  WallTime until{};      // for LoadJob
};
// Reads back what may move at any time, or waits until then.
struct LoadJob {
  WallTime until{};
};
// Reads them back, many at a time, between the other jobs.
struct ReloadJob {
  std::vector<SagaId> sagas;
};
// Reads back what comes due, a page at a time, between the other jobs.
struct LookJob {
  Shard::Look look;
};
// Forgets what the store keeps of earlier flushes.
struct PurgeJob {};

// ---- of a shared store ----

// Renews the lease.
struct TendJob {};
// Reads their sagas back, a page at a time, between the other jobs.
struct LoadShardsJob {
  std::vector<ShardId> shards;
  WallTime until{};
};
struct GiveUpJob {
  std::vector<ShardId> shards;
};
struct LeaveJob {};

using WriterJob = std::variant<CommitJob, TakeOverJob, LoadJob, ReloadJob, LookJob, PurgeJob, TendJob,
                               LoadShardsJob, GiveUpJob, LeaveJob>;

// The jobs on their way to a StoreWriter. post() from one thread, and it returns at once.
class WriterQueue {
 public:
  virtual ~WriterQueue() = default;
  virtual void post(WriterJob job) = 0;
};

}  // namespace amends::engine
