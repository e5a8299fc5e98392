#include "engine/verify/guess.hpp"

namespace amends::engine {
namespace {

// What an operator's evidence was stands in the entry behind the command.
std::optional<std::string> evidence(const Entries& entries, std::size_t at) {
  if (at + 1 >= entries.size()) return std::nullopt;
  const auto* moved = std::get_if<StepEntry>(&entries[at + 1]);
  return moved != nullptr ? moved->result : std::nullopt;
}

PreparedEvent failed(StepIndex step, Direction direction, const std::string& error) {
  return {step, direction, nullptr, {}, error};
}

struct Guesser {
  const Saga& saga;
  const Plan& plan;
  const Entries& entries;
  std::size_t at;

  using Guesses = std::vector<What>;

  Guesses operator()(const StartedEntry& e) const { return {StartEvent{e.key, e.input}}; }

  Guesses operator()(const PreparedEntry& e) const {
    return {PreparedEvent{e.step, e.direction, e.request, e.facts, {}}};
  }

  // Sent again, after a wait or a restart.
  Guesses operator()(const AttemptEntry& e) const {
    return {WokeEvent{e.step, e.direction}, RecoveredEvent{}};
  }

  Guesses operator()(const OutcomeEntry& e) const {
    Reply reply;
    reply.outcome = e.outcome;
    if (e.outcome == Outcome::done) reply.result = e.result;
    reply.error_class = e.error_class;
    reply.error = e.error;
    reply.empty_undo = e.to == StepState::undo_empty;
    reply.answered = e.answered;
    RepliedEvent replied{e.step, e.direction, e.number, std::move(reply), e.counted};
    if (!e.counted) return {RecoveredEvent{}, std::move(replied)};
    return {std::move(replied)};
  }

  Guesses operator()(const LateEntry& e) const {
    Reply reply;
    reply.outcome = e.outcome;
    reply.error_class = e.error_class;
    return {RepliedEvent{e.step, e.direction, e.number, std::move(reply)}};
  }

  // The author's function failed, or the participant has forgotten the key.
  Guesses operator()(const StepEntry& e) const {
    const Direction direction = e.to == StepState::undo_failed ? Direction::undo : Direction::run;
    return {failed(e.step, direction, e.error), WokeEvent{e.step, direction}, RecoveredEvent{}};
  }

  Guesses operator()(const AgainEntry&) const { return {}; }

  Guesses operator()(const SagaEntry& e) const {
    if (!e.step) return {RecoveredEvent{}};
    return {failed(*e.step, Direction::run, e.error), WokeEvent{*e.step, Direction::run}, RecoveredEvent{}};
  }

  Guesses operator()(const CommandEntry& e) const {
    CommandEvent event;
    event.command_id = e.command_id;
    event.verb = e.verb;
    event.actor = e.actor;
    event.reason = e.reason;
    if (e.step) event.step = plan.step(*e.step).name;
    if (e.verb != Verb::resolve) return {event};
    CommandEvent happened = event;
    happened.happened = true;
    happened.result = evidence(entries, at);
    return {std::move(happened), std::move(event)};
  }
};

}  // namespace

std::vector<What> guess_events(const Saga& saga, const Plan& plan, const Entries& entries, std::size_t at) {
  return std::visit(Guesser{saga, plan, entries, at}, entries[at]);
}

}  // namespace amends::engine
