#include "apps/amendsd/rest/routes/api.hpp"
#include "apps/amendsd/rest/routes/refusal.hpp"

namespace amends::rest {
namespace {

// As a sentence of its own; `otherwise` where nothing is known.
std::string detail_of(std::string why, std::string_view otherwise) {
  if (why.empty()) return std::string(otherwise);
  if (why.front() >= 'a' && why.front() <= 'z') why.front() = static_cast<char>(why.front() - 'a' + 'A');
  if (why.back() != '.') why += '.';
  return why;
}

rest::Answer readiness(const engine::Writers& writers) {
  using engine::Engine;
  switch (writers.readiness()) {
    case Engine::Readiness::ready: return {.status = 200, .body = R"({"status":"ok"})"};
    case Engine::Readiness::not_ready:
      if (writers.stopping()) return refusal(engine::ServiceError::unavailable, "The engine is stopping.");
      return refusal(engine::ServiceError::unavailable,
                     detail_of(writers.why_not_ready(),
                               "The engine is reading its sagas back, or its store is in doubt."));
    case Engine::Readiness::store_refuses:
      return refusal(engine::ServiceError::unavailable,
                     detail_of(writers.why_not_ready(), "The store cannot write now.") +
                         " It is asked again every two seconds.");
    case Engine::Readiness::disk_full: break;
  }
  // 503 and not 507: those who ask this page know only ready and not ready.
  Problem full = problem_of(engine::ServiceError::disk_full,
                            detail_of(writers.why_not_ready(), "The store has no room.") +
                                " It takes no flush until there is some.");
  full.status = 503;
  rest::Answer out = problem(full);
  out.headers.push_back({"Retry-After", "1"});
  return out;
}

}  // namespace

std::string Api::sharing_metrics() {
  const auto seen = parts_.sharing != nullptr ? parts_.sharing->last() : std::nullopt;
  if (!seen) return {};
  const auto owned = parts_.service.writers().owned();
  return sharing_metrics_text(*seen, owned.ours.size() + owned.loading.size() + owned.leaving.size(),
                              parts_.service.writers().size(), parts_.clock.elapsed());
}

void Api::add_health() {
  routes_.push_back({"GET",
                     "/livez",
                     "The process serves requests",
                     {},
                     "",
                     {{200, "It does", "Health"}},
                     [](const httplib::Request&, httplib::Response& response) {
                       put({.status = 200, .body = R"({"status":"ok"})"}, response);
                     }});
  routes_.push_back({"GET",
                     "/readyz",
                     "Starts are taken",
                     {},
                     "",
                     {{200, "They are", "Health"}, {503, "Not now", "Problem"}},
                     [this](const httplib::Request&, httplib::Response& response) {
                       put(readiness(parts_.service.writers()), response);
                     }});
  routes_.push_back({"GET",
                     "/metrics",
                     "Counters in the Prometheus text format",
                     {},
                     "",
                     {{200, "version 0.0.4", ""}},
                     [this](const httplib::Request&, httplib::Response& response) {
                       std::string text = metrics_text(parts_.metrics);
                       if (parts_.more_metrics) text += parts_.more_metrics();
                       text += sharing_metrics();
                       put({.status = 200,
                            .body = std::move(text),
                            .content_type = "text/plain; version=0.0.4; charset=utf-8"},
                           response);
                     }});
  routes_.push_back({"GET",
                     "/openapi.json",
                     "This surface as OpenAPI 3.1",
                     {},
                     "",
                     {{200, "The document", ""}},
                     [this](const httplib::Request&, httplib::Response& response) {
                       put({.status = 200, .body = engine::canonical(openapi(routes_))}, response);
                     }});
}

}  // namespace amends::rest
