#include "engine/lifecycle/decider.hpp"

namespace amends::engine {

void Decider::compensate(SagaMove why, const Cause& cause) {
  move_saga(why, cause);
  for (StepIndex i = 0; i < plan.size(); ++i) {
    if (step(i).state != StepState::backing_off) continue;
    const bool may_stand = step(i).run.in_doubt && plan.step(i).kind != StepKind::read;
    if (!may_stand) move_step(i, StepMove::stop, "stopped", "the saga is being undone");
  }
  undo_next();
}

void Decider::undo_next() {
  bool all_settled = true;
  for (StepIndex i = plan.size(); i-- > 0;) {
    if (is_settled(i)) continue;
    all_settled = false;
    if (!needs_undo(i)) continue;
    const auto& later = plan.descendants(i);
    bool its_turn = true;
    for (const StepIndex l : later) its_turn = its_turn && is_settled(l);
    if (!its_turn) continue;
    // Without a barrier nothing refuses a request that is still under way, so its time must have passed
    // first.
    const Leg& run = step(i).run;
    const bool may_arrive = run.in_doubt && run.facts.idempotency != Idempotency::barrier;
    if (may_arrive && event.at < run.not_after)
      wake({i, Direction::undo}, run.not_after);
    else
      attempt({i, Direction::undo});
  }
  if (all_settled) move_saga(SagaMove::finish_undo);
}

void Decider::undo_prepared(const PreparedEvent& prepared) {
  const StepIndex i = prepared.step;
  leg({i, Direction::undo}).preparing = false;
  const StepState state = step(i).state;
  const bool wanted = needs_undo(i) || state == StepState::undo_failed ||
                      (state == StepState::undoing && !step(i).undo.in_flight);
  if (saga.state != SagaState::compensating || !wanted) return;
  if (prepared.request == nullptr) {
    if (state != StepState::undo_failed) move_step(i, StepMove::fail_undo, "author_error", prepared.error);
    return park({i, Direction::undo}, "author_error", prepared.error);
  }
  emit(PreparedEntry{i, Direction::undo, step(i).undo.revision, prepared.request, prepared.facts});
  attempt({i, Direction::undo});
}

void Decider::undo_replied(const RepliedEvent& replied, bool counted) {
  const StepIndex i = replied.step;
  const LegRef ref{i, Direction::undo};
  const Reply& reply = replied.reply;
  OutcomeEntry entry{
      i, Direction::undo, replied.number, reply.outcome, StepState::undoing, counted, {}, {}, {}, {}};
  if (reply.outcome == Outcome::done) {
    entry.result = reply.result;
    entry.to = moved(i, reply.empty_undo ? StepMove::find_nothing : StepMove::finish_undo);
    emit(std::move(entry));
    if (saga.state == SagaState::compensating) undo_next();
    return;
  }
  entry.error_class = reply.error_class;
  entry.error = reply.error;
  const bool again = reply.outcome != Outcome::rejected && may_resend(ref, reply.outcome, counted);
  if (!again) {
    entry.to = moved(i, StepMove::fail_undo);
    emit(std::move(entry));
    return park(ref, reply.error_class, reply.error);
  }
  entry.to = moved(i, StepMove::undo);
  const bool goes_on = saga.state == SagaState::compensating;
  if (counted) entry.wake_at = next_attempt_at(ref, reply);
  emit(std::move(entry));
  if (!goes_on) return;
  counted ? wake(ref, *leg(ref).wake_at) : attempt(ref);
}

}  // namespace amends::engine
