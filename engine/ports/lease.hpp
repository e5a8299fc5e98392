// Until when, and for which shards, attempts may leave this process. In a shared store another engine sends
// them once our lease is over, so a process that was stopped and resumed must look before it sends.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>

#include "engine/base/saga_id.hpp"
#include "engine/base/time.hpp"
#include "engine/ports/clock.hpp"

namespace amends::engine {

// Any thread. Unlimited until begin(): an engine that has its store for itself never calls it.
class Lease {
 public:
  explicit Lease(const Clock& clock) : clock_(clock) {}

  // Attempt::may_be_sent() asks.
  bool covers(const SagaId& saga, std::uint64_t epoch) const {
    return !limited_ || (owns(saga, epoch) && stands());
  }
  // It may still be ours to send, once the lease is renewed.
  bool owns(const SagaId& saga, std::uint64_t epoch) const {
    return !limited_ || (epoch_ == epoch && (shards_[saga.shard() / 64] >> saga.shard() % 64 & 1) != 0);
  }
  bool stands() const { return !limited_ || clock_.elapsed().count() < until_; }

  // ---- for the engine ----

  // A new epoch: what earlier ones handed out is not covered any more, nor anything before it is extended.
  void begin(std::uint64_t epoch) {
    until_ = 0;
    epoch_ = epoch;
    limited_ = true;
  }
  // Count from before the renewal was sent.
  void extend(Elapsed until) { until_ = until.count(); }
  void own(ShardId shard, bool ours) {
    const std::uint64_t bit = std::uint64_t{1} << shard % 64;
    if (ours)
      shards_[shard / 64] |= bit;
    else
      shards_[shard / 64] &= ~bit;
  }

 private:
  const Clock& clock_;
  std::atomic<bool> limited_{false};
  std::atomic<std::uint64_t> epoch_{0};
  std::atomic<Elapsed::rep> until_{0};
  std::array<std::atomic<std::uint64_t>, shards_max / 64> shards_{};
};

}  // namespace amends::engine
