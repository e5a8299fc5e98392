#include "apps/amendsd/rest/routes/api.hpp"
#include "apps/amendsd/rest/routes/refusal.hpp"

namespace amends::rest {

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
  routes_.push_back(
      {"GET",
       "/readyz",
       "Starts are taken",
       {},
       "",
       {{200, "They are", "Health"}, {503, "Not now", "Problem"}},
       [this](const httplib::Request&, httplib::Response& response) {
         if (parts_.service.engine().ready())
           return put({.status = 200, .body = R"({"status":"ok"})"}, response);
         put(refusal(engine::ServiceError::unavailable,
                     "The engine is reading its sagas back, stopping, or its store is in doubt."),
             response);
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
