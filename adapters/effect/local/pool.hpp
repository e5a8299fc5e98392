// The worker threads, and the one that watches them.
#pragma once
#include <memory>

#include "adapters/effect/local/options.hpp"
#include "engine/ports/clock.hpp"
#include "engine/ports/effect.hpp"
#include "engine/ports/local_functions.hpp"

namespace amends::effect_local {

// Any thread. Workers take one job at a time, so that nothing waits behind a slow function while another
// worker is idle, and answer in batches, because most functions are done before anybody could look.
class Pool {
 public:
  Pool(LocalOptions options, engine::Clock& clock, const engine::LocalFunctions& functions);
  ~Pool();

  void submit(std::vector<engine::Attempt> attempts, engine::ReplySink& sink);
  // Safe twice. What has not begun is answered at once; what is at work is waited for up to `limit`.
  void stop(engine::Millis limit);
  std::size_t in_flight() const;
  std::size_t stuck() const;

 private:
  struct Shared;
  // Outlives the pool where a function does.
  std::shared_ptr<Shared> shared_;
};

}  // namespace amends::effect_local
