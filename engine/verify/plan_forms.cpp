#include "engine/verify/plan_forms.hpp"

namespace amends::engine {
namespace {

PlanPtr with_attempts(const Plan& plan, std::uint32_t attempts_max) {
  std::vector<Step> steps = plan.steps();
  for (Step& step : steps) {
    step.retry.attempts_max = attempts_max;
    if (step.undo) step.undo->retry.attempts_max = attempts_max;
  }
  return std::make_shared<const Plan>(plan.workflow(), plan.version(), plan.input_type(), std::move(steps));
}

}  // namespace

PlanForms PlanForms::of(const PlanPtr& plan) {
  return PlanForms({plan, with_attempts(*plan, attempts_unlimited), with_attempts(*plan, 1)});
}

}  // namespace amends::engine
