#include "engine/runtime/saga_row.hpp"

#include <algorithm>

#include "engine/lifecycle/decide.hpp"

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

// Until then nothing becomes of the saga by itself: it is what reading it back would ask to be woken for.
// Nothing when it would go on at once, because a lane that does not wait has its next step before it.
std::optional<WallTime> find_next_move(const Saga& saga, const Plan& plan) {
  Saga copy = saga;
  for (StepProgress& step : copy.steps) step.run.preparing = step.undo.preparing = false;
  const Decision decision = Lifecycle().decide(copy, plan, {saga.updated_at, 0, RecoveredEvent{}});
  if (!decision.entries.empty() || !decision.prepares.empty() || !decision.attempts.empty()) return {};
  std::optional<WallTime> first;
  for (const Timer& timer : decision.timers) first = std::min(first.value_or(timer.at), timer.at);
  return first;
}

// One that rests while another lane's attempt is under way learns of it by then.
std::optional<WallTime> find_last_answer(const Saga& saga) {
  std::optional<WallTime> first;
  for (const StepProgress& step : saga.steps)
    for (const Leg* leg : {&step.run, &step.undo})
      if (leg->in_flight) first = std::min(first.value_or(leg->not_after), leg->not_after);
  return first;
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
      row.wake_at = plan ? find_next_move(saga, *plan) : wait.leg->wake_at;
    }
  }
  if (saga.state == SagaState::needs_operator) row.wake_at = find_last_answer(saga);
  if (step && plan) row.step = stuck_name(saga, *plan, *step);
  return row;
}

}  // namespace amends::engine
