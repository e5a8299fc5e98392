// The plan that a saga is pinned to, in every form in which it may have been when something was decided.
//
// A plan's shape is fixed; its delays, counts of attempts and timeouts are not. The store keeps those of the
// day on which the plan was first loaded, so a step may have had more attempts, or fewer, than that.
#pragma once
#include <vector>

#include "engine/definition/plan.hpp"

namespace amends::engine {

// Immutable. At least one form; the first is the plan as it was given, and all have its shape.
class PlanForms {
 public:
  // Exactly this plan, for those who know that it never changed: timeouts are held against it too.
  static PlanForms exactly(PlanPtr plan) { return PlanForms({std::move(plan)}); }
  // This plan, and what it would be with attempts without end, and with one for each step.
  static PlanForms of(const PlanPtr& plan);

  const Plan& plan() const { return *forms_.front(); }
  const std::vector<PlanPtr>& forms() const { return forms_; }
  bool is_exact() const { return forms_.size() == 1; }

 private:
  explicit PlanForms(std::vector<PlanPtr> forms) : forms_(std::move(forms)) {}
  std::vector<PlanPtr> forms_;
};

}  // namespace amends::engine
