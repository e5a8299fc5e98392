#include "tests/engine/lifecycle/script.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace amends::engine {

Step make_step(StepKind kind, std::string name, std::vector<StepIndex> after) {
  Step step;
  step.name = std::move(name);
  step.kind = kind;
  step.result_type = "R";
  step.after = std::move(after);
  step.retry.attempts_max = 3;
  if (kind != StepKind::reversible) return step;
  step.undo = UndoStep{};
  step.undo->name = "undo-" + step.name;
  step.undo->retry.attempts_max = 3;
  return step;
}

Script::Script(std::vector<Step> steps, Idempotency idempotency)
    : Script(std::move(steps), own_, idempotency) {}

Script::Script(std::vector<Step> steps, Lifecycle& lifecycle, Idempotency idempotency)
    : plan("test", 1, "Input{}", std::move(steps)), facts{idempotency, Millis(0)}, lifecycle_(lifecycle) {
  saga.id = SagaId::make(now, 3, 42);
}

void Script::decide(decltype(Event::what) what) {
  last = Decision{};
  follow(lifecycle_.decide(saga, plan, {now, 99, std::move(what)}));
}

void Script::follow(const Decision& decision) {
  if (!decision.entries.empty()) rows.push_back(encode_row(decision.entries));
  last.entries.insert(last.entries.end(), decision.entries.begin(), decision.entries.end());
  last.attempts.insert(last.attempts.end(), decision.attempts.begin(), decision.attempts.end());
  last.prepares.insert(last.prepares.end(), decision.prepares.begin(), decision.prepares.end());
  last.timers.insert(last.timers.end(), decision.timers.begin(), decision.timers.end());
  if (decision.answer) last.answer = decision.answer;
  for (const LegRef ref : decision.prepares) {
    if (!prepares) continue;
    PreparedEvent event{ref.step, ref.direction, nullptr, facts, {}};
    if (ref.direction == Direction::undo && throws_on_undo.contains(ref.step))
      event.error = "threw";
    else
      event.request = std::make_shared<const Request>(Request{"http", "there", "{}"});
    follow(lifecycle_.decide(saga, plan, {now, 99, std::move(event)}));
  }
}

void Script::reply(StepIndex i, Direction direction, Outcome outcome, std::uint32_t number, bool answered) {
  Reply reply;
  reply.outcome = outcome;
  reply.answered = answered;
  if (outcome == Outcome::done) reply.result = R"("made")";
  if (outcome != Outcome::done) reply.error_class = name_of(outcome), reply.error = "it failed";
  decide(RepliedEvent{i, direction, number == 0 ? leg(i, direction).attempts : number, reply});
}

void Script::ring(StepIndex i, Direction direction) {
  for (const Timer& timer : last.timers)
    if (timer.leg == LegRef{i, direction}) now = std::max(now, timer.at);
  if (leg(i, direction).wake_at) now = std::max(now, *leg(i, direction).wake_at);
  decide(WokeEvent{i, direction});
}

void Script::crash() {
  FoldedSaga folded;
  folded.saga.id = saga.id;
  std::uint32_t seq = 0;
  for (const std::string& row : rows) fold_row(folded, ++seq, now, row);
  ASSERT_EQ(folded.error, "");
  saga = folded.saga;
  decide(RecoveredEvent{});
}

CommandAnswer Script::command(Verb verb, std::string step, bool happened, std::string reason) {
  decide(CommandEvent{"c1", verb, "ann", std::move(reason), std::move(step), happened, R"("seen")"});
  return last.answer.value_or(CommandAnswer{Verdict::refused, "no answer at all"});
}

bool Script::asked(StepIndex i) const {
  return std::find(last.attempts.begin(), last.attempts.end(), LegRef{i, Direction::run}) !=
         last.attempts.end();
}

bool Script::undoing(StepIndex i) const {
  return std::find(last.attempts.begin(), last.attempts.end(), LegRef{i, Direction::undo}) !=
         last.attempts.end();
}

}  // namespace amends::engine
