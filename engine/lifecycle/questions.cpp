#include <algorithm>
#include <set>
#include <vector>

#include "engine/base/buggify.hpp"
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
  const auto is_finished = [&](StepIndex a) { return finished(saga.steps[a].state); };
  if (AMENDS_PLANTED("join_early"))
    return after.empty() || std::any_of(after.begin(), after.end(), is_finished);
  return std::all_of(after.begin(), after.end(), is_finished);
}

// The first journalled attempt passes it; only the knowledge that no attempt happened takes that back.
bool Decider::no_return_possible(std::optional<StepIndex> except) const {
  if (AMENDS_PLANTED("pivot_rolled_back")) return false;
  const auto passed = [&](StepIndex i) {
    const StepProgress& p = saga.steps[i];
    return i != except && (p.state == StepState::succeeded || p.run.in_flight || p.run.in_doubt);
  };
  const auto point = plan.point_of_no_return();
  if (!point) return false;
  // Whatever has no undo runs after the pivot, so the pivot answers for all, unless an operator skipped it.
  const bool pivot = plan.step(*point).kind == StepKind::pivot;
  if (pivot && saga.steps[*point].state != StepState::skipped) return passed(*point);
  // Without one, retriable steps may stand in several lanes: any of them commits the saga.
  for (StepIndex i = *point; i < plan.size(); ++i)
    if (plan.step(i).kind == StepKind::retriable && passed(i)) return true;
  return false;
}

bool Decider::cancel_counts() const {
  return !saga.cancel_command.empty() && !saga.compensation_begun && !no_return_possible();
}

bool Decider::no_return_certain() const {
  for (StepIndex i = plan.point_of_no_return().value_or(plan.size()); i < plan.size(); ++i)
    if (plan.step(i).kind != StepKind::read && saga.steps[i].state == StepState::succeeded) return true;
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
    case StepState::undo_empty:
    case StepState::undo_skipped: return true;
    case StepState::succeeded: return !plan.step(i).undo;
    case StepState::running:
    case StepState::backing_off:
    case StepState::undoing:
    case StepState::undo_failed: return false;
  }
  return false;
}

// What was undone, or never ran, has nothing standing behind it; what succeeded without an undo, or was
// passed over, may have. So only those are looked through.
bool Decider::its_turn(StepIndex i) const {
  if (AMENDS_PLANTED("undo_forwards"))
    return std::all_of(plan.step(i).after.begin(), plan.step(i).after.end(),
                       [&](StepIndex a) { return is_settled(a); });
  std::vector<StepIndex> open{i};
  std::set<StepIndex> seen;
  while (!open.empty()) {
    const StepIndex at = open.back();
    open.pop_back();
    for (const StepIndex later : plan.next(at)) {
      if (!is_settled(later)) return false;
      if (finished(saga.steps[later].state) && seen.insert(later).second) open.push_back(later);
    }
  }
  return true;
}

const RetryPolicy& Decider::policy(LegRef ref) const {
  const Step& step = plan.step(ref.step);
  return ref.direction == Direction::run ? step.retry : step.undo->retry;
}

// An attempt that may have happened can only be sent again while the participant knows its key.
// Asking twice changes nothing, so a read is never in doubt.
bool Decider::in_doubt(LegRef ref) const {
  const bool asks = ref.direction == Direction::run && plan.step(ref.step).kind == StepKind::read;
  return !asks && saga.steps[ref.step].leg(ref.direction).in_doubt;
}

bool Decider::doubt_is_final(LegRef ref) const {
  if (ref.direction == Direction::run && plan.step(ref.step).kind == StepKind::read) return false;
  const Leg& known = saga.steps[ref.step].leg(ref.direction);
  if (known.facts.idempotency == Idempotency::none) return true;
  return known.facts.remembers > Millis(0) && event.at > known.first_sent + known.facts.remembers;
}

// Asked before the outcome is folded: `spent` already counts the attempt that has just ended.
bool Decider::may_resend(LegRef ref, Outcome outcome, bool counted) const {
  const Leg& known = saga.steps[ref.step].leg(ref.direction);
  const bool in_doubt = known.in_doubt || outcome == Outcome::unknown;
  if (in_doubt && doubt_is_final(ref)) return false;
  // A pivot in doubt can neither be undone nor given up: it is asked again for as long as the participant
  // remembers.
  if (in_doubt && ref.direction == Direction::run && plan.step(ref.step).kind == StepKind::pivot) return true;
  return known.spent - (counted ? 0 : 1) < policy(ref).attempts_max;
}

bool Decider::is_stuck(StepIndex i) const {
  const StepProgress& p = saga.steps[i];
  const LegRef ref{i, Direction::run};
  if (p.state == StepState::rejected) return p.run.spent > 0;
  if (p.state != StepState::backing_off) return false;
  if (in_doubt(ref) && doubt_is_final(ref)) return true;
  const bool asked_for_ever = in_doubt(ref) && plan.step(i).kind == StepKind::pivot;
  return !asked_for_ever && p.run.spent >= policy(ref).attempts_max;
}

WallTime Decider::next_attempt_at(LegRef ref, const Reply& reply) const {
  const RetryPolicy& retry = policy(ref);
  const std::uint32_t failed = std::max<std::uint32_t>(saga.steps[ref.step].leg(ref.direction).spent, 1) - 1;
  const std::int64_t doubled = retry.delay_first.count() << std::min<std::uint32_t>(failed, 30);
  const Millis bound = std::min(Millis(std::max(doubled, retry.delay_first.count())), retry.delay_max);
  // The author's delay_max bounds the participant's wish too: an hour asked of a pivot would hold an order
  // up.
  const Millis wish = std::min(reply.retry_after.value_or(Millis(0)), retry.delay_max);
  return event.at + std::max(jittered(bound, event.random), wish);
}

}  // namespace amends::engine
