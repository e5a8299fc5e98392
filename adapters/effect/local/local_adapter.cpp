#include "adapters/effect/local/local_adapter.hpp"

#include "adapters/effect/local/answer.hpp"
#include "adapters/effect/local/pool.hpp"
#include "engine/definition/local.hpp"

namespace amends::effect_local {

LocalAdapter::LocalAdapter(LocalOptions options, engine::Clock& clock,
                           const engine::LocalFunctions& functions)
    : pool_(std::make_unique<Pool>(options, clock, functions)) {}

LocalAdapter::~LocalAdapter() {
  stop(engine::Millis(0));
}

std::string_view LocalAdapter::name() const {
  return engine::local_adapter;
}

const engine::EndpointFacts* LocalAdapter::find_endpoint(std::string_view endpoint) const {
  return endpoint == engine::local_endpoint ? &facts_ : nullptr;
}

void LocalAdapter::submit(std::vector<engine::Attempt> attempts, engine::ReplySink& sink) {
  std::vector<engine::Answered> refused;
  std::erase_if(attempts, [&](const engine::Attempt& attempt) {
    if (find_endpoint(attempt.request->endpoint) != nullptr) return false;
    refused.push_back(answer(attempt, Refusal::unknown_endpoint));
    return true;
  });
  if (!refused.empty()) sink.deliver(std::move(refused));
  if (!attempts.empty()) pool_->submit(std::move(attempts), sink);
}

void LocalAdapter::stop(engine::Millis limit) {
  pool_->stop(limit);
}

std::size_t LocalAdapter::in_flight() const {
  return pool_->in_flight();
}

std::size_t LocalAdapter::stuck_threads() const {
  return pool_->stuck();
}

}  // namespace amends::effect_local
