// The writer's verbs for a shared store.
#include "engine/runtime/writer_thread.hpp"

#include <algorithm>

namespace amends::engine {
// Somebody else may own our shards by now: what was asked for before the next take-over is not done.
void WriterThread::break_off() {
  broken_ = true;
  forget_pages();
}

void WriterThread::obey(const TendJob&) {
  if (broken_) return;
  const Elapsed before = clock_.elapsed();
  try {
    Share share = shared_->tend(clock_.wall());
    term_ = share.lease;
    lease_.extend(before + term_);
    report(SharedOut{std::move(share)});
  } catch (const StoreUnavailable& down) {
    const bool fenced = down.error_class == "fenced";
    if (fenced) break_off();
    report(TendFailed{fenced});
  }
}

void WriterThread::obey(const LoadShardsJob& job) {
  if (broken_) return;
  for (const ShardId shard : job.shards) loading_.push_back({shard, job.until});
}

void WriterThread::obey(const GiveUpJob& job) {
  if (broken_) return;
  const auto gone = [&](ShardId shard) {
    return std::find(job.shards.begin(), job.shards.end(), shard) != job.shards.end();
  };
  std::erase_if(loading_, [&](const Loading& one) { return gone(one.shard); });
  std::erase_if(wanted_, [&](const SagaId& saga) { return gone(saga.shard()); });
  while (true) {
    try {
      shared_->give_up(job.shards);
      return report(GivenUp{job.shards});
    } catch (const StoreUnavailable& down) {
      if (down.error_class == "fenced") {
        break_off();
        return report(TendFailed{true});
      }
      if (!lease_.stands()) return report(TendFailed{false});
      if (!pause(Millis(50))) return;
    }
  }
}

void WriterThread::obey(const LeaveJob&) {
  try {
    if (!broken_) shared_->leave();
  } catch (const StoreUnavailable&) {
    // The lease ends by itself, and the others find that.
  }
  report(Left{});
}

}  // namespace amends::engine
