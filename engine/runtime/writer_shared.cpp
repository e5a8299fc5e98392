// The writer's verbs for a shared store.
#include "engine/runtime/writer_thread.hpp"

#include <algorithm>

namespace amends::engine {
namespace {

constexpr std::uint32_t page_sagas = 500;

}  // namespace

// Somebody else may own our shards by now: what was asked for before the next take-over is not done.
void WriterThread::break_off() {
  broken_ = true;
  loading_.clear();
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
  for (const ShardId shard : job.shards) loading_.push_back({shard, {}});
}

// One page, of the shard whose turn it is: commits go between, and a large shard does not hold up the others.
void WriterThread::load_page() {
  Loading one = loading_.front();
  loading_.pop_front();
  try {
    auto page = store_.load_live(one.shard, one.after, page_sagas);
    const bool last = page.size() < page_sagas;
    if (!page.empty()) {
      one.after = page.back().row.id;
      report(LoadedPage{std::move(page)});
    }
    if (last) return report(LoadedShard{one.shard});
    loading_.push_back(one);
  } catch (const StoreUnavailable& down) {
    // The lease tells whether it is worth it: when it is over, the loop takes over anew.
    loading_.push_front(one);
    pause(Millis(50));
  }
}

void WriterThread::obey(const GiveUpJob& job) {
  if (broken_) return;
  std::erase_if(loading_, [&](const Loading& one) {
    return std::find(job.shards.begin(), job.shards.end(), one.shard) != job.shards.end();
  });
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
