#include "tests/simulation/judge/lawful.hpp"

#include "tests/properties/plans.hpp"

namespace amends::simulation {

using namespace engine;

PlanFacts::PlanFacts(PlanPtr one) : plan(std::move(one)), reaches(properties::happened_before(*plan)) {}

namespace {

bool passed(StepState state) {
  return state == StepState::succeeded || state == StepState::skipped;
}

// It stands, or may: its undo is still to come, or a person's word.
bool stands(const Plan& plan, StepIndex i, const StepProgress& step) {
  switch (step.state) {
    case StepState::running:
    case StepState::backing_off:
    case StepState::undoing:
    case StepState::undo_failed: return true;
    case StepState::succeeded: return plan.step(i).kind == StepKind::reversible;
    case StepState::pending:
    case StepState::rejected:
    case StepState::skipped:
    case StepState::undone:
    case StepState::undo_empty:
    case StepState::undo_skipped: return false;
  }
  return false;
}

// Nothing becomes of it any more.
bool is_settled(StepState state) {
  switch (state) {
    case StepState::skipped:
    case StepState::undone:
    case StepState::undo_empty:
    case StepState::undo_skipped: return true;
    case StepState::pending:
    case StepState::running:
    case StepState::backing_off:
    case StepState::succeeded:
    case StepState::rejected:
    case StepState::undoing:
    case StepState::undo_failed: return false;
  }
  return false;
}

bool may_be_committed(const Saga& saga, const Plan& plan) {
  for (StepIndex i = 0; i < plan.size(); ++i) {
    const StepKind kind = plan.step(i).kind;
    const StepProgress& step = saga.steps[i];
    if (kind != StepKind::pivot && kind != StepKind::retriable) continue;
    if (step.state == StepState::succeeded || step.run.in_flight || step.run.in_doubt) return true;
  }
  return false;
}

std::string run_attempt(const Saga& saga, const PlanFacts& facts, StepIndex i) {
  const Plan& plan = *facts.plan;
  if (saga.state != SagaState::running) return "a step is run in a saga that is not running";
  if (saga.compensation_begun) return "a step is run after compensation had begun";
  for (StepIndex a = 0; a < plan.size(); ++a)
    if (facts.reaches[a][i] && !passed(saga.steps[a].state))
      return "a step is run before one that it depends on";
  if (!saga.cancel_command.empty() && !may_be_committed(saga, plan))
    return "a step is run after a cancel that nothing speaks against";
  const auto point = plan.point_of_no_return();
  if (plan.step(i).kind == StepKind::retriable && plan.step(*point).kind == StepKind::pivot &&
      !passed(saga.steps[*point].state))
    return "a retriable step is run before the pivot is done";
  return {};
}

std::string undo_attempt(const Saga& saga, const PlanFacts& facts, StepIndex i) {
  const Plan& plan = *facts.plan;
  if (saga.state != SagaState::compensating) return "a step is undone in a saga that is not compensating";
  if (plan.step(i).kind != StepKind::reversible) return "a step without an undo is undone";
  if (saga.steps[i].run.attempts == 0) return "a step is undone that was never asked for";
  for (StepIndex later = 0; later < plan.size(); ++later)
    if (facts.reaches[i][later] && stands(plan, later, saga.steps[later]))
      return "a step is undone before one that came after it";
  const auto point = plan.point_of_no_return();
  if (point && plan.step(*point).kind == StepKind::pivot && saga.steps[*point].state == StepState::succeeded)
    return "a step is undone after the pivot";
  return {};
}

std::string attempt(const Saga& saga, const PlanFacts& facts, const AttemptEntry& entry) {
  const Leg& leg = saga.steps[entry.step].leg(entry.direction);
  const Step& step = facts.plan->step(entry.step);
  if (is_settled(saga.steps[entry.step].state)) return "a step is asked for that was settled";
  if (leg.in_flight) return "two attempts of one leg are in flight";
  if (!leg.request) return "an attempt has no request";
  if (entry.number != leg.attempts + 1) return "an attempt's number is not the next one";
  // T1: nothing comes before its time, by the clock of whoever writes.
  if (leg.wake_at && entry.at < *leg.wake_at) return "an attempt comes before its time";
  const bool changes = step.kind != StepKind::read || entry.direction == Direction::undo;
  const bool forgotten = leg.facts.remembers > Millis(0) && entry.at > leg.first_sent + leg.facts.remembers;
  if (leg.in_doubt && changes && (leg.facts.idempotency == Idempotency::none || forgotten))
    return "an attempt in doubt is sent again to a participant that does not know its key";
  const RetryPolicy& retry = entry.direction == Direction::run ? step.retry : step.undo->retry;
  const bool asked_for_ever = step.kind == StepKind::pivot && leg.in_doubt;
  if (!asked_for_ever && leg.spent >= retry.attempts_max) return "an attempt goes beyond attempts_max";
  return entry.direction == Direction::run ? run_attempt(saga, facts, entry.step)
                                           : undo_attempt(saga, facts, entry.step);
}

std::string moved(const Saga& saga, const PlanFacts& facts, const SagaEntry& entry) {
  const Plan& plan = *facts.plan;
  if (entry.to == SagaState::needs_operator && entry.error_class.empty())
    return "a saga is parked without a reason";
  if (entry.to == SagaState::running && saga.compensation_begun) return "a saga goes forward again";
  if (entry.to == SagaState::completed) {
    if (saga.compensation_begun) return "a saga is completed that was being undone";
    for (const StepProgress& step : saga.steps)
      if (!passed(step.state)) return "a saga is completed with a step that is not done";
  }
  if (entry.to == SagaState::compensated)
    for (StepIndex i = 0; i < plan.size(); ++i)
      if (stands(plan, i, saga.steps[i])) return "a saga is compensated with a step that stands, or may";
  if (entry.to == SagaState::compensating && saga.state != SagaState::needs_operator &&
      may_be_committed(saga, plan))
    return "a saga is undone after its point of no return";
  return {};
}

std::string outcome(const Saga& saga, const OutcomeEntry& entry) {
  const Leg& leg = saga.steps[entry.step].leg(entry.direction);
  if (!leg.in_flight || leg.attempts != entry.number) return "an outcome belongs to no attempt in flight";
  return {};
}

struct Judge {
  const Saga& saga;
  const PlanFacts& facts;

  std::string operator()(const StartedEntry&) const { return {}; }
  std::string operator()(const PreparedEntry& e) const {
    return saga.steps[e.step].leg(e.direction).request ? "a request is prepared twice" : "";
  }
  std::string operator()(const AttemptEntry& e) const { return attempt(saga, facts, e); }
  std::string operator()(const OutcomeEntry& e) const { return outcome(saga, e); }
  std::string operator()(const LateEntry&) const { return {}; }
  std::string operator()(const StepEntry& e) const {
    return is_settled(saga.steps[e.step].state) ? "a step moves that was settled" : "";
  }
  std::string operator()(const AgainEntry& e) const {
    return saga.steps[e.step].leg(e.direction).in_flight ? "a leg in flight starts over" : "";
  }
  std::string operator()(const SagaEntry& e) const { return moved(saga, facts, e); }
  std::string operator()(const CommandEntry&) const { return {}; }
};

}  // namespace

std::string find_unlawful(const Saga& saga, const PlanFacts& facts, const Entry& entry) {
  if (!saga.steps.empty() && is_terminal(saga.state)) return "a saga that was over goes on";
  return std::visit(Judge{saga, facts}, entry);
}

}  // namespace amends::simulation
