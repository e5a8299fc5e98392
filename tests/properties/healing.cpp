#include <algorithm>

#include "tests/properties/world.hpp"

namespace amends::properties {

using namespace engine;

void World::heal() {
  // More than enough for every step's attempts, undos and an operator's care for each.
  for (std::uint32_t left = 400 * plan_->size(); !is_terminal(saga_.state); --left) {
    if (left == 0) throw Broken("the saga does not come to rest, though everybody is healthy");
    flush();
    if (!preparing_.empty()) {
      prepare(true);
    } else if (!in_flight_.empty()) {
      answer(true);
    } else if (saga_.state == SagaState::needs_operator) {
      ask_operator();
    } else if (!timers_.empty()) {
      const auto first = std::min_element(timers_.begin(), timers_.end(),
                                          [](const Timer& a, const Timer& b) { return a.at < b.at; });
      const Timer timer = *first;
      timers_.erase(first);
      now_ = std::max(now_, timer.at);
      std::erase_if(strays_, [&](const Message& m) { return m.not_after < now_; });
      decide(WokeEvent{timer.leg.step, timer.leg.direction});
    } else {
      throw Broken("nothing will ever wake the saga");
    }
  }
  flush();
  let_strays_pass();
  const std::size_t rows = rows_.size();
  if (!echoes_.empty()) answer_with(echoes_.front(), echoes_.front().answer);
  give(Verb::retry, 0, false);
  give(Verb::cancel, 0, false);
  decide(WokeEvent{0, Direction::run});
  decide(RecoveredEvent{});
  if (rows_.size() != rows) throw Broken("a saga that was over went on");
  hold_end();
}

// What can still arrive arrives or not; afterwards the network is quiet.
void World::let_strays_pass() {
  for (Message& message : strays_)
    if (message.not_after >= now_ && !tape_.one_in(2)) arrive(message, true);
  strays_.clear();
}

void World::ask_operator() {
  let_strays_pass();
  if (!saga_.cause.step) throw Broken("a parked saga does not name its step");
  const StepIndex step = *saga_.cause.step;
  const StepState state = saga_.steps[step].state;
  const bool undo = state == StepState::undo_failed || state == StepState::undoing;
  const bool stands = participants_[step].standing() > 0;
  if (give(Verb::retry, step, false)) return;
  if (give(Verb::resolve, step, undo ? !stands : stands)) return;
  throw Broken("the operator can neither retry nor resolve step " + std::to_string(step));
}

bool World::give(Verb verb, StepIndex step, bool happened) {
  CommandEvent command;
  command.command_id = "c" + std::to_string(++commands_);
  command.verb = verb;
  command.actor = "operator";
  command.reason = "looked at their books";
  command.step = plan_->step(step).name;
  command.happened = happened;
  command.result = R"({"id":"seen"})";
  const bool undo_failed = saga_.steps[step].state == StepState::undo_failed;
  const SagaState state = saga_.state;
  const std::size_t rows = rows_.size();
  decide(command);
  const bool accepted = rows_.size() != rows;
  if (is_terminal(state) && accepted) throw Broken("a command moved a saga that was over");
  if (accepted && verb == Verb::skip && undo_failed) left_by_operator_[step] = true;
  return accepted;
}

void World::hold_end() const {
  for (StepIndex i = 0; i < plan_->size(); ++i) {
    const Participant& p = participants_[i];
    const std::string who = "step " + std::to_string(i);
    if (plan_->step(i).kind == StepKind::read || saga_.state == SagaState::abandoned) continue;
    if (p.facts(Direction::undo).idempotency == Idempotency::none && p.undone() > 1)
      throw Broken(who + " was undone twice");
    if (saga_.state == SagaState::completed) {
      const int wanted = saga_.steps[i].state == StepState::succeeded ? 1 : 0;
      if (p.standing() != wanted)
        throw Broken(who + " of a completed saga happened " + std::to_string(p.standing()) + " times");
    } else if (p.standing() != 0 && !left_by_operator_[i]) {
      throw Broken(who + " of a compensated saga still stands");
    }
  }
}

}  // namespace amends::properties
