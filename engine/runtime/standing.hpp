// What the loop and the other threads know of each other without a message.
#pragma once
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/saga_id.hpp"

namespace amends::engine {

enum class Readiness : std::uint8_t { ready, not_ready, store_refuses, disk_full };

// What an engine owns in a shared store. Shard 0 where the store is not shared.
struct Owned {
  std::vector<ShardId> ours, loading, leaving;
  std::uint32_t engines = 1;  // that share the store, as far as known
};

// Any thread.
class Standing {
 public:
  // ---- for the loop to see
  std::atomic<std::size_t> starts_waiting{0};  // in the inbox
  std::atomic<bool> stopping{false};           // no start is taken any more
  std::atomic<bool> hinted{false};             // the shared store may hold something new

  // ---- what the loop says
  std::atomic<bool> ready{false};                    // it has read its sagas back, and no commit is in doubt
  std::atomic<bool> fenced{false};                   // another engine has taken a store that is not shared
  std::atomic<Readiness> writing{Readiness::ready};  // ready, store_refuses or disk_full
  void publish(Owned owned) {
    auto now = std::make_shared<const Owned>(std::move(owned));
    std::lock_guard lock(mutex_);
    owned_ = std::move(now);
  }

  // Why no start is taken now; empty while they are.
  void explain(std::string why) {
    std::lock_guard lock(mutex_);
    why_ = std::move(why);
  }

  // ---- for everyone
  Readiness readiness() const { return ready && !stopping ? writing.load() : Readiness::not_ready; }
  std::shared_ptr<const Owned> owned() const {
    std::lock_guard lock(mutex_);
    return owned_;
  }
  std::string why() const {
    std::lock_guard lock(mutex_);
    return why_;
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Owned> owned_ = std::make_shared<const Owned>();
  std::string why_;
};

}  // namespace amends::engine
