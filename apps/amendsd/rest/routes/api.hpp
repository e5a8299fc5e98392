// The REST surface (/v1): what each route does with the service. docs/rest.md shows it from outside.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "apps/amendsd/rest/routes/finisher.hpp"
#include "apps/amendsd/rest/routes/route_table.hpp"
#include "engine/ports/clock.hpp"
#include "engine/ports/observer.hpp"
#include "engine/service/service.hpp"
#include "engine/service/sharing_watch.hpp"

namespace amends::rest {

// A plugin that was not loaded, for GET /v1/workflows.
struct RefusedPlugin {
  std::string path, reason;
};

struct ApiParts {
  engine::Service& service;
  engine::Clock& clock;
  const engine::Metrics& metrics;
  std::vector<RefusedPlugin> refused;
  // More Prometheus text for /metrics: what the adapters count. Any thread.
  std::function<std::string()> more_metrics;
  // Of a store that several engines share.
  const engine::SharingWatch* sharing = nullptr;
};

// Any thread once mounted. Outlives the front that serves its routes.
class Api {
 public:
  explicit Api(ApiParts parts);
  void mount_on(Router& router);
  const std::vector<Route>& routes() const { return routes_; }

 private:
  void add_starts();
  void add_sagas();
  void add_commands();
  void add_workflows();
  void add_sharing();
  void add_health();
  std::string sharing_metrics();

  void start(const httplib::Request& request);
  void start_batch(const httplib::Request& request);
  // `existing` as a start says it; nothing where nobody asked for a start.
  void answer_after_wait(const engine::SagaId& saga, std::optional<bool> existing,
                         std::chrono::milliseconds wait, const Parked& parked);

  ApiParts parts_;
  std::vector<Route> routes_;
  Finisher finisher_;
};

// {"id": ..., "state": ...} of a start; `status` 201 or 200.
rest::Answer started_answer(const engine::SagaId& saga, bool again);

// The saga named in the path; throws BadRequest.
engine::SagaId saga_of(const httplib::Request& request);

std::string metrics_text(const engine::Metrics& metrics);
std::string sharing_metrics_text(const engine::SharingWatch::Seen& seen, std::uint64_t owned,
                                 std::size_t writers, engine::Elapsed now);

}  // namespace amends::rest
