// An endpoint that passed its findings, in the form that the event loop works with. Immutable; any thread.
#pragma once
#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "adapters/effect/http/address.hpp"
#include "adapters/effect/http/exchange.hpp"
#include "adapters/effect/http/options.hpp"

namespace amends::http {

// Grown by the loop, read by any thread for the metrics.
struct EndpointCounters {
  std::atomic<std::uint64_t> queued{0}, in_flight{0};    // gauges
  std::array<std::atomic<std::uint64_t>, 4> answered{};  // by Outcome
  std::atomic<std::uint64_t> connections{0};             // opened since the start
};

struct Endpoint {
  // `configured` has no findings.
  explicit Endpoint(HttpEndpoint configured, const HttpOptions& options);

  HttpEndpoint config;
  std::string base_url;  // without a slash at its end
  std::vector<Cidr> allowed;
  StatusPolicy policy;
  EndpointCounters counters;
};

}  // namespace amends::http
