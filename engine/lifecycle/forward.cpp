#include "engine/lifecycle/decider.hpp"

namespace amends::engine {

void Decider::start(const StartEvent& start) {
  emit(StartedEntry{plan.id(), plan.shape(), plan.size(), event.at, start.key, start.input});
  go_on();
}

void Decider::go_on() {
  if (cancel_counts()) return obey_remembered_cancel();
  for (StepIndex i = 0; i < plan.size(); ++i)
    if (is_stuck(i)) return give_up(i);
  for (StepIndex i = 0; i < plan.size(); ++i) {
    const StepState state = step(i).state;
    const LegRef ref{i, Direction::run};
    if (state == StepState::pending && is_ready(i)) attempt(ref);
    if (state == StepState::rejected) attempt(ref);       // not stuck: an operator let it start over
    if (state == StepState::backing_off) try_again(ref);  // not stuck either, so the saga still runs
  }
  if (saga.unfinished == 0) move_saga(SagaMove::finish);
}

void Decider::advance(StepIndex succeeded) {
  if (saga.unfinished == 0) return move_saga(SagaMove::finish);
  for (const StepIndex next : plan.next(succeeded))
    if (step(next).state == StepState::pending && is_ready(next)) attempt({next, Direction::run});
}

void Decider::obey_remembered_cancel() {
  compensate(SagaMove::cancel,
             {std::nullopt, "cancelled", "cancelled before the point of no return was passed"});
}

void Decider::give_up(StepIndex i) {
  const Cause cause{i, step(i).run.error_class, step(i).run.error};
  // With something done that has no undo there is no way back, and this step is the way forward.
  if (plan.step(i).kind == StepKind::retriable || no_return_possible())
    return park(i, cause.error_class, cause.error);
  compensate(SagaMove::fail, cause);
}

void Decider::park(LegRef ref, std::string_view error_class, std::string_view error) {
  const Cause cause{ref.step, std::string(error_class), std::string(error)};
  if (saga.state == SagaState::needs_operator)
    return;  // it is stuck already; the step's own entry tells the rest
  move_saga(SagaMove::get_stuck, cause);
}

void Decider::run_prepared(const PreparedEvent& prepared) {
  const StepIndex i = prepared.step;
  leg({i, Direction::run}).preparing = false;
  const StepState state = step(i).state;
  const bool wanted =
      state == StepState::pending || state == StepState::rejected || state == StepState::backing_off;
  if (saga.state != SagaState::running || !wanted || step(i).run.request) return;
  if (prepared.request == nullptr) {
    if (plan.is_past_no_return(i) || no_return_possible()) return park(i, "author_error", prepared.error);
    move_step(i, StepMove::refuse, "author_error", prepared.error);
    return compensate(SagaMove::fail, {i, "author_error", prepared.error});
  }
  emit(PreparedEntry{i, Direction::run, step(i).run.revision, prepared.request, prepared.facts});
  attempt({i, Direction::run});
}

namespace {

OutcomeEntry outcome_entry(const RepliedEvent& replied, StepState to, bool counted) {
  const Reply& reply = replied.reply;
  OutcomeEntry e{replied.step, replied.direction, replied.number, reply.outcome, to, counted, {}, {}, {}, {}};
  e.answered = reply.answered || reply.outcome != Outcome::rejected;
  if (reply.outcome == Outcome::done)
    e.result = reply.result;
  else
    e.error_class = reply.error_class, e.error = reply.error;
  return e;
}

}  // namespace

void Decider::run_replied(const RepliedEvent& replied, bool counted) {
  const StepIndex i = replied.step;
  const LegRef ref{i, Direction::run};
  const Reply& reply = replied.reply;
  if (reply.outcome == Outcome::done) {
    emit(outcome_entry(replied, moved(i, StepMove::succeed), counted));
    if (saga.state == SagaState::running) advance(i);
    if (saga.state == SagaState::compensating) undo_around(i);
    return;
  }

  const StepKind kind = plan.step(i).kind;
  const Leg& known = step(i).run;
  const bool rejected = reply.outcome == Outcome::rejected;
  const bool doubt_after = rejected ? known.in_doubt && !refusal_clears_doubt(known.facts, reply.answered)
                                    : known.in_doubt || reply.outcome == Outcome::unknown;
  // What changes nothing cannot stand, whatever became of it.
  const bool may_stand = doubt_after && kind != StepKind::read;

  // A remembered cancel stops a pivot that turned out not to have happened: it is not asked again.
  const bool cancelled = !saga.cancel_command.empty() && !doubt_after && !no_return_possible(i);
  if (saga.state == SagaState::running && !rejected && !cancelled &&
      may_resend(ref, reply.outcome, counted)) {
    OutcomeEntry entry = outcome_entry(replied, moved(i, StepMove::back_off), counted);
    if (counted) entry.wake_at = next_attempt_at(ref, reply);
    const bool at_once = !counted;
    emit(std::move(entry));
    return at_once ? attempt(ref) : wake(ref, *leg(ref).wake_at);
  }

  const bool running = saga.state == SagaState::running;
  const StepMove move = may_stand             ? StepMove::back_off  // at rest: its undo or a person is next
                        : rejected || running ? StepMove::refuse
                        : saga.compensation_begun ? StepMove::stop
                                                  : StepMove::back_off;  // an operator will wake it
  emit(outcome_entry(replied, moved(i, move), counted));
  if (saga.state == SagaState::compensating) return undo_around(i);
  // Also while it rests with an operator: the last lane that spoke against the cancel may end there.
  if (cancel_counts()) return obey_remembered_cancel();
  if (running) give_up(i);
}

}  // namespace amends::engine
