#include "engine/verify/plan_book.hpp"

#include "engine/definition/read_plan.hpp"

namespace amends::engine {
namespace {

constexpr JsonLimits graph_limits{.depth_max = 16, .bytes_max = std::size_t{64} << 20};

// Empty when the graph is that of the row.
std::string fault_of(const PlanRow& row, PlanPtr& plan) {
  const ParsedJson graph = parse_json(row.graph, graph_limits);
  if (!graph.ok()) return "its graph is no JSON: " + graph.error;
  plan = read_plan(graph.value);
  if (!plan) return "its graph is no plan, or one of a later release";
  if (plan->id() != row.plan_id || plan->workflow() != row.workflow || plan->version() != row.version)
    return "its graph is that of " + plan->id();
  if (plan->shape() != row.shape) return "its graph has another shape than the row names";
  return {};
}

}  // namespace

void PlanBook::read() {
  for (const PlanRow& row : store_.plans()) {
    if (plans_.contains(row.plan_id)) continue;
    PlanPtr plan;
    std::string fault = fault_of(row, plan);
    if (fault.empty())
      plans_.emplace(row.plan_id, PlanForms::of(plan));
    else
      damaged_[row.plan_id] = std::move(fault);
  }
}

FoundPlan PlanBook::find(const std::string& plan_id) {
  if (!plans_.contains(plan_id) && !damaged_.contains(plan_id) && missing_.insert(plan_id).second) read();
  if (const auto it = plans_.find(plan_id); it != plans_.end()) return {&it->second, FindingKind::no_plan};
  return {nullptr, damaged_.contains(plan_id) ? FindingKind::plan_damaged : FindingKind::no_plan};
}

std::vector<Finding> PlanBook::read_all() {
  read();
  std::vector<Finding> out;
  for (const auto& [id, why] : damaged_)
    out.push_back({FindingKind::plan_damaged, {}, 0, "plan " + id + ": " + why});
  return out;
}

}  // namespace amends::engine
