#include <charconv>

#include "apps/amendsd/rest/routes/api.hpp"
#include "apps/amendsd/rest/routes/refusal.hpp"
#include "engine/definition/picture.hpp"

namespace amends::rest {
namespace {

Json summary(const engine::Workflow& workflow) {
  const engine::Plan& plan = *workflow.plan;
  Json out{{"workflow", plan.workflow()},
           {"version", plan.version()},
           {"steps", plan.size()},
           {"shape", plan.shape()}};
  if (!workflow.refused.empty()) out["refused"] = workflow.refused;
  return out;
}

std::optional<std::uint32_t> read_version(const std::string& text) {
  if (text == "latest") return std::nullopt;
  std::uint32_t version = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), version);
  if (end.ec != std::errc() || end.ptr != text.data() + text.size() || version == 0)
    throw BadRequest{"the version must be a whole number or 'latest'"};
  return version;
}

}  // namespace

void Api::add_workflows() {
  routes_.push_back({"GET",
                     "/v1/workflows",
                     "The workflows that are loaded, and the plugins that were refused",
                     {},
                     "",
                     {{200, "All of them", "Workflows"}, {400, "There is no such parameter", "Problem"}},
                     [this](const httplib::Request& request, httplib::Response& response) {
                       Query(request).finish();
                       Json out{{"workflows", Json::array()}, {"refused", Json::array()}};
                       for (const engine::Workflow& one : parts_.service.workflows())
                         out["workflows"].push_back(summary(one));
                       for (const RefusedPlugin& one : parts_.refused)
                         out["refused"].push_back({{"plugin", one.path}, {"reason", one.reason}});
                       put({.status = 200, .body = engine::canonical(out)}, response);
                     }});
  routes_.push_back({"GET",
                     "/v1/workflows/{name}/{version}",
                     "A workflow's plan as data and as a picture",
                     {{"name", "path", "The workflow"}, {"version", "path", "A whole number, or latest"}},
                     "",
                     {{200, "The plan", "Workflow"},
                      {400, "The version is malformed", "Problem"},
                      {404, "It is not loaded", "Problem"}},
                     [this](const httplib::Request& request, httplib::Response& response) {
                       Query(request).finish();
                       const auto one = parts_.service.workflow(path_part(request, 0),
                                                                read_version(path_part(request, 1)));
                       if (!one.ok())
                         return put(refusal(engine::ServiceError::not_found, one.sentence), response);
                       Json out = Json::parse(one.value.plan->graph_json(), nullptr, false);
                       out["picture"] = engine::picture(*one.value.plan);
                       if (!one.value.refused.empty()) out["refused"] = one.value.refused;
                       put({.status = 200, .body = engine::canonical(out)}, response);
                     }});
}

}  // namespace amends::rest
