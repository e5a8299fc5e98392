// The writer's verbs for a shared store.
#include "engine/runtime/store_writer.hpp"

#include <algorithm>

#include "engine/base/failpoint.hpp"

namespace amends::engine {

// Somebody else may own our shards by now: what was asked for before the next take-over is not done.
void StoreWriter::break_off() {
  broken_ = true;
  forget_pages();
}

void StoreWriter::obey(const TendJob&) {
  if (broken_) return;
  const Elapsed before = clock_.elapsed();
  try {
    AMENDS_FAILPOINT_HERE("lease_before_renew");
    Share share = shared_->tend(clock_.wall());
    AMENDS_FAILPOINT_HERE("lease_after_renew");
    lease_.extend(before + share.lease);
    report_(SharedOut{std::move(share)});
  } catch (const StoreUnavailable& down) {
    const bool fenced = down.error_class == "fenced";
    if (fenced) break_off();
    report_(TendFailed{fenced});
  }
}

void StoreWriter::obey(const LoadShardsJob& job) {
  if (broken_) return;
  for (const ShardId shard : job.shards) loading_.push_back({shard, job.until});
}

void StoreWriter::obey(const GiveUpJob& job) {
  if (broken_) return;
  const auto gone = [&](ShardId shard) {
    return std::find(job.shards.begin(), job.shards.end(), shard) != job.shards.end();
  };
  std::erase_if(loading_, [&](const Loading& one) { return gone(one.shard); });
  std::erase_if(wanted_, [&](const SagaId& saga) { return gone(saga.shard()); });
  go_on(job);
}

void StoreWriter::go_on(const GiveUpJob& job) {
  try {
    shared_->give_up(job.shards);
    report_(GivenUp{job.shards});
  } catch (const StoreUnavailable& down) {
    if (down.error_class == "fenced") {
      break_off();
      report_(TendFailed{true});
    } else if (!lease_.stands()) {
      report_(TendFailed{false});
    } else {
      go_on_after(after_failure, job);
    }
  }
}

void StoreWriter::obey(const LeaveJob&) {
  try {
    if (!broken_) shared_->leave();
  } catch (const StoreUnavailable&) {
    // The lease ends by itself, and the others find that.
  }
  report_(Left{});
}

}  // namespace amends::engine
