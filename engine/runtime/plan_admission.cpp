#include "engine/runtime/plan_admission.hpp"

#include "engine/definition/endpoints.hpp"

namespace amends::engine {
namespace {

// Takes the plans out that name an endpoint which nobody serves: their first steps would happen before the
// saga were stuck.
void refuse_homeless(AdmittedPlans& all, const FindFacts& find) {
  const auto knows = [&find](std::string_view adapter, std::string_view endpoint) {
    return find(adapter, endpoint) != nullptr;
  };
  std::erase_if(all.plans, [&](const PlanPtr& plan) {
    const std::vector<std::string> found = check_endpoints(*plan, knows);
    for (const std::string& sentence : found) {
      std::string& why = all.refused[plan->id()];
      why += (why.empty() ? "" : "; ") + sentence;
    }
    return !found.empty();
  });
}

}  // namespace

AdmittedPlans admit_plans(const PlanCatalog& catalog, const FindFacts& find, Store& store) {
  AdmittedPlans out{catalog.plans(), {}};
  refuse_homeless(out, find);
  std::vector<PlanRow> rows;
  for (const PlanPtr& plan : out.plans)
    rows.push_back({plan->id(), plan->workflow(), plan->version(), plan->shape(), plan->graph_json()});
  for (const PlanRow& other : store.ensure_plans(rows))
    out.refused[other.plan_id] =
        other.plan_id + ": its shape changed under a version that is in use; give it a new version";
  std::erase_if(out.plans, [&out](const PlanPtr& plan) { return out.refused.contains(plan->id()); });
  return out;
}

}  // namespace amends::engine
