#include "engine/runtime/saga_row.hpp"

namespace amends::engine {
namespace {

struct Waiting {
  bool in_flight = false;
  std::optional<StepIndex> step;
  const Leg* leg = nullptr;  // the one that is due first
};

Waiting waiting(const Saga& saga) {
  Waiting out;
  for (StepIndex i = 0; i < saga.steps.size(); ++i) {
    for (const Leg* leg : {&saga.steps[i].run, &saga.steps[i].undo}) {
      if (leg->in_flight) return {.in_flight = true, .step = {}, .leg = nullptr};
      if (!leg->wake_at || (out.leg && *out.leg->wake_at <= *leg->wake_at)) continue;
      out.step = i;
      out.leg = leg;
    }
  }
  return out;
}

}  // namespace

std::string stuck_name(const Saga& saga, const Plan& plan, StepIndex i) {
  const Step& step = plan.step(i);
  const bool stuck = saga.state == SagaState::needs_operator && saga.steps[i].state == StepState::undo_failed;
  return stuck && step.undo ? step.undo->name : step.name;
}

SagaRow saga_row(const Saga& saga, const Plan* plan, std::string_view workflow) {
  SagaRow row;
  row.id = saga.id;
  row.plan_id = saga.plan_id;
  row.workflow = workflow;
  row.key = saga.key;
  row.state = name_of(saga.state);
  row.seq = saga.seq;
  row.active = !is_terminal(saga.state);
  row.created_at = saga.created_at;
  row.updated_at = saga.updated_at;

  std::optional<StepIndex> step = saga.cause.step;
  row.error_class = saga.cause.error_class;
  if (saga.state == SagaState::running || saga.state == SagaState::compensating) {
    const Waiting wait = waiting(saga);
    if (wait.leg) {
      step = wait.step;
      row.error_class = wait.leg->error_class;
      row.wake_at = wait.leg->wake_at;
    }
  }
  if (step && plan) row.step = stuck_name(saga, *plan, *step);
  return row;
}

}  // namespace amends::engine
