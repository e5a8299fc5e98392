// Steps in this process: every attempt is done at once, with a small reply. Lives here, for benchmarks only.
#pragma once
#include <atomic>

#include "engine/ports/effect.hpp"

namespace amends::bench {

class LocalAdapter final : public engine::EffectAdapter {
 public:
  std::string_view name() const override { return "local"; }
  const engine::EndpointFacts* find_endpoint(std::string_view) const override { return &facts_; }
  // Answers on the caller's thread, before it returns: the least that a step can cost.
  void submit(std::vector<engine::Attempt> attempts, engine::ReplySink& sink) override;
  void stop(engine::Millis) override {}
  std::size_t in_flight() const override { return 0; }

 private:
  const engine::EndpointFacts facts_{engine::Idempotency::key, engine::Millis(0)};
};

}  // namespace amends::bench
