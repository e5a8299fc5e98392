// Which shards are ours, and how far: still being read back, ours, or about to be given away. One thread.
#pragma once
#include <algorithm>
#include <cstdint>
#include <vector>

#include "engine/base/saga_id.hpp"
#include "engine/base/time.hpp"

namespace amends::engine {

enum class Tenure : std::uint8_t {
  none,     // another engine's, or nobody's
  loading,  // ours, and its sagas are being read back
  ours,
  leaving,  // still ours, but nothing is begun any more
};

class Tenures {
 public:
  struct Tenancy {
    Tenure tenure = Tenure::none;
    Elapsed since{};         // it has been ours since then, for `ours`
    Elapsed until{};         // it is given away then at the latest, for `leaving`
    std::uint32_t sent = 0;  // attempts that were let go, and not yet answered
  };

  Tenure of(ShardId shard) const { return shard < all_.size() ? all_[shard].tenure : Tenure::none; }
  const Tenancy& at(ShardId shard) const { return all_[shard]; }  // not of tenure `none`
  Tenancy* find(ShardId shard) { return of(shard) == Tenure::none ? nullptr : &all_[shard]; }
  const std::vector<ShardId>& ours() const { return ours_; }  // of tenure `ours`
  std::vector<ShardId> all_of(Tenure tenure) const {
    std::vector<ShardId> out;
    for (std::size_t i = 0; i < all_.size(); ++i)
      if (all_[i].tenure == tenure) out.push_back(static_cast<ShardId>(i));
    return out;
  }
  bool leaving() const { return leaving_ > 0; }

  Tenancy& set(ShardId shard, Tenure tenure) {
    if (shard >= all_.size()) all_.resize(shard + std::size_t{1});
    Tenancy& tenancy = all_[shard];
    leaving_ += (tenure == Tenure::leaving) - (tenancy.tenure == Tenure::leaving);
    tenancy.tenure = tenure;
    if (tenure == Tenure::none || tenure == Tenure::loading) tenancy.sent = 0;
    std::erase(ours_, shard);
    if (tenure == Tenure::ours) ours_.insert(std::lower_bound(ours_.begin(), ours_.end(), shard), shard);
    return tenancy;
  }
  void clear() {
    all_.clear();
    ours_.clear();
    leaving_ = 0;
  }

 private:
  std::vector<Tenancy> all_;  // by shard
  std::vector<ShardId> ours_;
  int leaving_ = 0;
};

}  // namespace amends::engine
