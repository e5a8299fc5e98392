#include <algorithm>

#include "engine/journal/saga.hpp"

namespace amends::engine {
namespace {

bool counts_as_finished(StepState s) {
  return s == StepState::succeeded || s == StepState::skipped;
}

void move_step(Saga& saga, StepIndex i, StepState to) {
  StepProgress& step = saga.steps[i];
  if (counts_as_finished(step.state) && !counts_as_finished(to)) ++saga.unfinished;
  if (!counts_as_finished(step.state) && counts_as_finished(to)) --saga.unfinished;
  step.state = to;
}

struct Folder {
  Saga& saga;

  void operator()(const StartedEntry& e) const {
    saga.plan_id = e.plan_id;
    saga.shape = e.shape;
    saga.key = e.key;
    saga.input = e.input;
    saga.created_at = e.at;
    saga.state = SagaState::running;
    saga.steps.resize(e.step_count);
    saga.unfinished = e.step_count;
  }

  void operator()(const PreparedEntry& e) const {
    Leg& leg = saga.steps[e.step].leg(e.direction);
    leg.revision = e.revision;
    leg.request = e.request;
    leg.facts = e.facts;
    leg.preparing = false;
  }

  void operator()(const AttemptEntry& e) const {
    Leg& leg = saga.steps[e.step].leg(e.direction);
    if (leg.spent == 0 && !leg.in_doubt) leg.first_sent = e.at;
    leg.attempts = e.number;
    leg.in_flight = true;
    leg.wake_at.reset();
    leg.not_after = e.not_after;
    ++leg.spent;
    move_step(saga, e.step, e.direction == Direction::run ? StepState::running : StepState::undoing);
  }

  void operator()(const OutcomeEntry& e) const {
    StepProgress& step = saga.steps[e.step];
    Leg& leg = step.leg(e.direction);
    leg.in_flight = false;
    leg.wake_at = e.wake_at;
    if (!e.counted && leg.spent > 0) --leg.spent;
    leg.was_rejected = e.outcome == Outcome::rejected;
    if (e.outcome == Outcome::unknown) {
      leg.in_doubt = true;
      leg.stray_until = std::max(leg.stray_until, leg.not_after);
    }
    if (e.outcome == Outcome::done) leg.in_doubt = false;
    if (e.outcome == Outcome::rejected && refusal_clears_doubt(leg.facts, e.answered)) leg.in_doubt = false;
    leg.error_class = e.error_class;
    leg.error = e.error;
    if (e.outcome == Outcome::done && e.direction == Direction::run) step.result = e.result;
    move_step(saga, e.step, e.to);
  }

  void operator()(const LateEntry&) const {}

  void operator()(const StepEntry& e) const {
    StepProgress& step = saga.steps[e.step];
    const bool undo = step.state == StepState::undoing || step.state == StepState::undo_failed ||
                      e.to == StepState::undo_failed;
    Leg& leg = step.leg(undo ? Direction::undo : Direction::run);
    leg.wake_at.reset();
    leg.in_doubt = leg.in_doubt && e.in_doubt;
    leg.preparing = false;
    leg.error_class = e.error_class;
    leg.error = e.error;
    if (e.result) step.result = e.result;
    move_step(saga, e.step, e.to);
  }

  void operator()(const AgainEntry& e) const {
    Leg& leg = saga.steps[e.step].leg(e.direction);
    leg.spent = 0;
    leg.wake_at.reset();
    leg.was_rejected = false;
    if (e.revision == leg.revision) return;
    leg.revision = e.revision;
    leg.request = nullptr;
  }

  void operator()(const SagaEntry& e) const {
    saga.state = e.to;
    const bool says_why = e.step || !e.error_class.empty();
    const Cause why{e.step, e.error_class, e.error};
    switch (e.to) {
      case SagaState::running: saga.cause = {}; return;  // freed by an operator: what it was stuck at is over
      case SagaState::compensating:
        saga.compensation_begun = true;
        if (says_why) saga.origin = why;
        saga.cause = saga.origin;
        return;
      case SagaState::needs_operator:
        if (says_why) saga.cause = why;
        return;
      case SagaState::abandoned:
        if (saga.origin == Cause{}) saga.origin = saga.cause;
        if (says_why) saga.cause = why;
        return;
      case SagaState::completed:
      case SagaState::compensated: return;
    }
  }

  void operator()(const CommandEntry& e) const {
    if (e.verb == Verb::cancel && (e.answer == "accepted" || e.answer == "remembered"))
      saga.cancel_command = e.command_id;
    if (e.step) saga.steps[*e.step].act = OperatorAct{e.verb, e.direction, e.actor, e.reason};
  }
};

std::optional<StepIndex> step_of(const Entry& entry) {
  return std::visit(
      [](const auto& e) -> std::optional<StepIndex> {
        if constexpr (requires { StepIndex{e.step}; })
          return e.step;
        else if constexpr (requires { e.step; })
          return e.step;
        else
          return std::nullopt;
      },
      entry);
}

}  // namespace

void fold(Saga& saga, const Entry& entry) {
  std::visit(Folder{saga}, entry);
}

std::string misfit(const Saga& saga, const Entry& entry) {
  const auto* started = std::get_if<StartedEntry>(&entry);
  const auto step = step_of(entry);
  if ((started != nullptr) != saga.steps.empty() || (step && *step >= saga.steps.size()))
    return "an entry does not fit the saga";
  if (started != nullptr && (started->step_count == 0 || started->step_count > steps_max))
    return "a saga has 1 to " + std::to_string(steps_max) + " steps";
  return {};
}

void fold_row(FoldedSaga& into, std::uint32_t seq, WallTime at, std::string_view body) {
  if (!into.error.empty()) return;
  const std::string where = "journal row " + std::to_string(seq) + ": ";
  if (seq != into.saga.seq + 1) {
    into.error = where + "row " + std::to_string(into.saga.seq + 1) + " is missing";
    return;
  }
  const DecodedRow row = decode_row(body);
  if (!row.error.empty()) {
    into.error = where + row.error;
    return;
  }
  for (const Entry& entry : row.entries) {
    if (std::string why = misfit(into.saga, entry); !why.empty()) {
      into.error = where + why;
      return;
    }
    fold(into.saga, entry);
  }
  into.saga.seq = seq;
  into.saga.updated_at = at;
}

}  // namespace amends::engine
