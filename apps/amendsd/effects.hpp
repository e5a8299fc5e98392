// The effect adapters, made from the configuration: which kinds of endpoint there are, and what they count.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "adapters/effect/http/http_adapter.hpp"
#include "adapters/effect/local/local_adapter.hpp"
#include "adapters/effect/sql/sql_adapter.hpp"
#include "apps/amendsd/config/config.hpp"
#include "apps/amendsd/preflight.hpp"

namespace amends::daemon {

// The configured endpoints, by the adapter that serves them.
struct Endpoints {
  explicit Endpoints(const Config& config);

  // What the adapters say against them.
  std::vector<EndpointFinding> findings() const;
  // What their urls name and no call will reach; looks at the disk, asks no network.
  std::vector<EndpointFinding> warnings() const;
  bool knows(std::string_view adapter, std::string_view name) const;

  std::vector<http::HttpEndpoint> http;
  std::vector<sql::SqlEndpoint> sql;
};

class Effects {
 public:
  // The endpoints have no findings.
  Effects(const Config& config, Endpoints endpoints, engine::Clock& clock,
          const engine::LocalFunctions& functions);

  std::vector<engine::EffectAdapter*> adapters() { return {&http_, &sql_, &local_}; }
  // Of each endpoint, as Prometheus reads it: amends_endpoint_in_flight{endpoint="inventory"} 3.
  std::string metrics() const;
  // Threads in an author's function that never came back: they still need the functions.
  std::size_t stuck_threads() const { return local_.stuck_threads(); }

 private:
  http::HttpAdapter http_;
  sql::SqlAdapter sql_;
  effect_local::LocalAdapter local_;
};

}  // namespace amends::daemon
