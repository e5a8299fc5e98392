#include "engine/definition/endpoints.hpp"

namespace amends::engine {

std::vector<std::string> check_endpoints(const Plan& plan, const KnowsEndpoint& knows) {
  std::vector<std::string> found;
  const auto check = [&](const std::string& name, const std::string& adapter, const std::string& endpoint) {
    if (endpoint.empty() || knows(adapter, endpoint)) return;
    found.push_back(plan.id() + ": '" + name + "' asks the " + adapter + " endpoint '" + endpoint +
                    "', which is not configured");
  };
  for (const Step& step : plan.steps()) {
    check(step.name, step.adapter, step.endpoint);
    if (step.undo) check(step.undo->name, step.undo->adapter, step.undo->endpoint);
  }
  return found;
}

}  // namespace amends::engine
