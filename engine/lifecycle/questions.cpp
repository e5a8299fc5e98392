#include <algorithm>

#include "engine/lifecycle/decider.hpp"

namespace amends::engine {
namespace {

bool finished(StepState s) {
  return s == StepState::succeeded || s == StepState::skipped;
}

// Between half and all of the bound ("equal jitter"): sagas that failed together must not come back together.
Millis jittered(Millis bound, std::uint64_t random) {
  const auto range = static_cast<std::uint64_t>(std::max<std::int64_t>(bound.count(), 1));
  return Millis(static_cast<std::int64_t>(range / 2 + random % (range / 2 + 1)));
}

}  // namespace

bool Decider::is_ready(StepIndex i) const {
  const auto& after = plan.step(i).after;
  return std::all_of(after.begin(), after.end(), [&](StepIndex a) { return finished(saga.steps[a].state); });
}

bool Decider::at_or_past_no_return(StepIndex i) const {
  const StepKind kind = plan.step(i).kind;
  if (kind == StepKind::pivot || kind == StepKind::retriable) return true;
  const auto point = plan.point_of_no_return();
  const auto& before = plan.ancestors(i);
  return point && std::binary_search(before.begin(), before.end(), *point);
}

// The first journalled attempt passes it; only the knowledge that no attempt happened takes that back.
bool Decider::no_return_possible(std::optional<StepIndex> except) const {
  const auto passed = [&](StepIndex i) {
    const StepProgress& p = saga.steps[i];
    return i != except && (p.state == StepState::succeeded || p.run.in_flight || p.run.in_doubt);
  };
  const auto point = plan.point_of_no_return();
  if (!point) return false;
  if (plan.step(*point).kind == StepKind::pivot) return passed(*point);
  // Without a pivot, retriable steps may stand in several lanes: any of them commits the saga.
  for (StepIndex i = *point; i < plan.size(); ++i)
    if (plan.step(i).kind == StepKind::retriable && passed(i)) return true;
  return false;
}

bool Decider::no_return_certain() const {
  for (StepIndex i = plan.point_of_no_return().value_or(plan.size()); i < plan.size(); ++i)
    if (at_or_past_no_return(i) && saga.steps[i].state == StepState::succeeded) return true;
  return false;
}

bool Decider::needs_undo(StepIndex i) const {
  if (!plan.step(i).undo) return false;
  const StepProgress& p = saga.steps[i];
  return p.state == StepState::succeeded || (p.state == StepState::backing_off && p.run.in_doubt);
}

bool Decider::is_settled(StepIndex i) const {
  switch (saga.steps[i].state) {
    case StepState::pending:
    case StepState::rejected:
    case StepState::skipped:
    case StepState::undone:
    case StepState::undo_empty: return true;
    case StepState::succeeded: return !plan.step(i).undo;
    case StepState::running:
    case StepState::backing_off:
    case StepState::undoing:
    case StepState::undo_failed: return false;
  }
  return false;
}

const RetryPolicy& Decider::policy(LegRef ref) const {
  const Step& step = plan.step(ref.step);
  return ref.direction == Direction::run ? step.retry : step.undo->retry;
}

// An attempt that may have happened can only be sent again while the participant knows its key.
bool Decider::doubt_is_final(const Leg& known) const {
  if (known.facts.idempotency == Idempotency::none) return true;
  return known.facts.remembers > Millis(0) && event.at > known.first_sent + known.facts.remembers;
}

// Asked before the outcome is folded: `spent` already counts the attempt that has just ended.
bool Decider::may_resend(LegRef ref, Outcome outcome, bool counted) const {
  const Leg& known = saga.steps[ref.step].leg(ref.direction);
  const bool in_doubt = known.in_doubt || outcome == Outcome::unknown;
  if (in_doubt && doubt_is_final(known)) return false;
  // A pivot in doubt can neither be undone nor given up: it is asked again for as long as the participant
  // remembers.
  if (in_doubt && ref.direction == Direction::run && plan.step(ref.step).kind == StepKind::pivot) return true;
  return known.spent - (counted ? 0 : 1) < policy(ref).attempts_max;
}

bool Decider::is_stuck(StepIndex i) const {
  const StepProgress& p = saga.steps[i];
  if (p.state == StepState::rejected) return p.run.spent > 0;
  return p.state == StepState::backing_off && p.run.in_doubt && doubt_is_final(p.run);
}

WallTime Decider::next_attempt_at(LegRef ref, const Reply& reply) const {
  const RetryPolicy& retry = policy(ref);
  const std::uint32_t failed = std::max<std::uint32_t>(saga.steps[ref.step].leg(ref.direction).spent, 1) - 1;
  const std::int64_t doubled = retry.delay_first.count() << std::min<std::uint32_t>(failed, 30);
  const Millis bound = std::min(Millis(std::max(doubled, retry.delay_first.count())), retry.delay_max);
  const Millis wish = std::min(reply.retry_after.value_or(Millis(0)), Millis(std::chrono::hours(1)));
  return event.at + std::max(jittered(bound, event.random), wish);
}

}  // namespace amends::engine
