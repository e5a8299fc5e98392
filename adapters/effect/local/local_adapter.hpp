// The effect adapter "local": an attempt is a call of a plugin's own function, on a pool of worker threads.
// docs/authoring/local-steps.md says what each ending means.
#pragma once
#include <memory>

#include "adapters/effect/local/options.hpp"
#include "engine/ports/clock.hpp"
#include "engine/ports/effect.hpp"
#include "engine/ports/local_functions.hpp"

namespace amends::effect_local {

class Pool;

// Any thread. Sinks must outlive stop(). A function beyond its timeout keeps its thread, which cannot be
// stopped: its attempt is answered unknown, another thread takes the place, and until it comes back neither
// the step nor its undo is called for that saga again. `functions` must outlive such a thread: in practice,
// the process.
class LocalAdapter final : public engine::EffectAdapter {
 public:
  LocalAdapter(LocalOptions options, engine::Clock& clock, const engine::LocalFunctions& functions);
  ~LocalAdapter() override;

  std::string_view name() const override;
  // There is one, "pool", always. A local function is given its step's key and promises that twice is once;
  // what its refusal says about earlier attempts, it says itself.
  const engine::EndpointFacts* find_endpoint(std::string_view endpoint) const override;
  void submit(std::vector<engine::Attempt> attempts, engine::ReplySink& sink) override;
  void stop(engine::Millis limit) override;
  std::size_t in_flight() const override;

  // Threads in a function that was given up and has not come back. Any thread.
  std::size_t stuck_threads() const;

 private:
  const engine::EndpointFacts facts_{engine::Idempotency::key, engine::Millis(0)};
  std::unique_ptr<Pool> pool_;
};

}  // namespace amends::effect_local
