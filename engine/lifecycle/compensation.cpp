#include <set>
#include <vector>

#include "engine/base/buggify.hpp"
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
  std::vector<bool> clear(plan.size());  // neither the step nor anything after it stands
  bool all_clear = true;
  for (StepIndex i = plan.size(); i-- > 0;) {
    bool turn = true;
    for (const StepIndex later : plan.next(i)) turn = turn && clear[later];
    if (AMENDS_PLANTED("undo_forwards")) turn = its_turn(i);
    clear[i] = turn && is_settled(i);
    all_clear = all_clear && clear[i];
    if (turn && needs_undo(i)) undo_or_wait(i);
  }
  if (all_clear) move_saga(SagaMove::finish_undo);
}

// A fan-out over thousands of steps is undone reply by reply: a reply looks at its step and at what came
// just before, never at the whole plan.
void Decider::undo_around(StepIndex i) {
  if (!is_settled(i)) {
    if (needs_undo(i) && its_turn(i)) undo_or_wait(i);
    return;
  }
  std::vector<StepIndex> open{i};
  std::set<StepIndex> seen;
  while (!open.empty()) {
    const StepIndex at = open.back();
    open.pop_back();
    for (const StepIndex before : plan.step(at).after) {
      if (!seen.insert(before).second) continue;
      if (is_settled(before))
        open.push_back(before);
      else if (needs_undo(before) && its_turn(before))
        undo_or_wait(before);
    }
  }
  for (StepIndex s = 0; s < plan.size(); ++s)
    if (!is_settled(s)) return;  // undos end at the first steps, so this ends at once until the last few
  move_saga(SagaMove::finish_undo);
}

// Where nothing refuses or recognises a request that is still under way, its time must have passed first.
void Decider::undo_or_wait(StepIndex i) {
  const Leg& run = step(i).run;
  const bool recognised = run.facts.idempotency == Idempotency::barrier ||
                          (run.facts.idempotency == Idempotency::key && !run.in_doubt);
  if (!recognised && event.at <= run.stray_until)
    wake({i, Direction::undo}, run.stray_until + Millis(1));
  else
    attempt({i, Direction::undo});
}

void Decider::resume_undos() {
  for (StepIndex i = plan.size(); i-- > 0;)
    if (step(i).state == StepState::undo_failed)
      return park({i, Direction::undo}, step(i).undo.error_class, step(i).undo.error);
  for (StepIndex i = plan.size(); i-- > 0;) {
    if (step(i).state == StepState::undoing) try_again({i, Direction::undo});
    if (saga.state != SagaState::compensating) return;
  }
  undo_next();
}

void Decider::undo_prepared(const PreparedEvent& prepared) {
  const StepIndex i = prepared.step;
  leg({i, Direction::undo}).preparing = false;
  const StepState state = step(i).state;
  const bool wanted = needs_undo(i) || (state == StepState::undoing && !step(i).undo.in_flight);
  if (saga.state != SagaState::compensating || !wanted) return;
  if (prepared.request == nullptr) {
    move_step(i, StepMove::fail_undo, "author_error", prepared.error);
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
    if (saga.state == SagaState::compensating) undo_around(i);
    return;
  }
  entry.answered = reply.answered || reply.outcome != Outcome::rejected;
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
