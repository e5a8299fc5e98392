#include "tests/properties/observer.hpp"

#include "tests/properties/plans.hpp"

namespace amends::properties {

using namespace engine;

namespace {

void hold(bool good, const std::string& sentence) {
  if (!good) throw Broken(sentence);
}

bool passed(StepState s) {
  return s == StepState::succeeded || s == StepState::skipped;
}

}  // namespace

Observer::Observer(const Plan& plan) : plan_(plan), before_(happened_before(plan)) {}

void Observer::decided(Saga before, const Saga& after, const Decision& decision) {
  if (is_terminal(before.state) && !before.steps.empty())
    hold(decision.entries.empty() && decision.attempts.empty() && decision.prepares.empty(),
         "a saga that was over went on");
  std::size_t attempts = 0;
  for (const Entry& entry : decision.entries) {
    if (const auto* o = std::get_if<OutcomeEntry>(&entry); o != nullptr && !o->counted) {
      const std::pair leg{o->step, o->direction};
      hold(++uncounted_[leg] <= crashes_ + kept_back_[leg],
           "more attempts went uncounted than were not sent");
    }
    if (const auto* a = std::get_if<AttemptEntry>(&entry)) {
      attempt(before, *a);
      ++attempts;
    }
    if (const auto* s = std::get_if<SagaEntry>(&entry)) state_moved(before, *s);
    fold(before, entry);
  }
  hold(attempts == decision.attempts.size(), "every attempt is journalled, and every one journalled is sent");
  for (const LegRef ref : decision.attempts)
    hold(after.steps[ref.step].leg(ref.direction).in_flight, "an attempt is sent that is not in flight");
  for (const LegRef ref : decision.prepares)
    hold(after.steps[ref.step].leg(ref.direction).request == nullptr, "a request is prepared twice");
}

void Observer::sent(const std::string& key, LegRef leg, const std::string& body) {
  const std::string what = std::to_string(leg.step) + std::string(name_of(leg.direction)) + body;
  const auto [it, fresh] = bodies_.emplace(key, what);
  hold(fresh || it->second == what, "the key " + key + " was sent with two bodies");
}

void Observer::attempt(const Saga& at, const AttemptEntry& entry) {
  const Leg& leg = at.steps[entry.step].leg(entry.direction);
  hold(!leg.in_flight, "two attempts of one leg are in flight");
  hold(leg.request != nullptr, "an attempt without a request");
  hold(entry.number == leg.attempts + 1, "attempt numbers go up by one");
  const bool forgets = leg.facts.remembers > Millis(0) && entry.at > leg.first_sent + leg.facts.remembers;
  const bool changes = plan_.step(entry.step).kind != StepKind::read;
  if (leg.in_doubt && changes)
    hold(leg.facts.idempotency != Idempotency::none && !forgets,
         "an attempt in doubt was sent again to a participant that does not know its key");
  if (changes && leg.facts.remembers > Millis(0))
    hold(entry.not_after <= (leg.in_doubt ? leg.first_sent : entry.at) + leg.facts.remembers + timeout(entry),
         "an attempt may arrive when the participant has forgotten its key");
  counted(at, entry);
  entry.direction == Direction::run ? run_attempt(at, entry.step) : undo_attempt(at, entry.step);
}

Millis Observer::timeout(const AttemptEntry& entry) const {
  const Step& step = plan_.step(entry.step);
  return entry.direction == Direction::run ? step.timeout : step.undo->timeout;
}

void Observer::counted(const Saga& at, const AttemptEntry& entry) {
  const Leg& leg = at.steps[entry.step].leg(entry.direction);
  const Step& step = plan_.step(entry.step);
  const RetryPolicy& retry = entry.direction == Direction::run ? step.retry : step.undo->retry;
  const bool pivot_in_doubt = step.kind == StepKind::pivot && leg.in_doubt;
  hold(pivot_in_doubt || leg.spent < retry.attempts_max, "an attempt beyond attempts_max");
}

void Observer::run_attempt(const Saga& at, StepIndex i) {
  hold(at.state == SagaState::running, "a step was run in a saga that is not running");
  hold(!at.compensation_begun, "a step was run after compensation had begun");
  for (StepIndex a = 0; a < plan_.size(); ++a)
    if (before_[a][i]) hold(passed(at.steps[a].state), "a step was run before one that it depends on");
  if (!at.cancel_command.empty())
    hold(may_be_committed(at), "a step was run after a cancel that nothing speaks against");
  const auto point = plan_.point_of_no_return();
  if (plan_.step(i).kind == StepKind::retriable && plan_.step(*point).kind == StepKind::pivot)
    hold(passed(at.steps[*point].state), "a retriable step was run before the pivot was done");
}

bool Observer::may_be_committed(const Saga& at) const {
  for (StepIndex i = 0; i < plan_.size(); ++i) {
    const StepKind kind = plan_.step(i).kind;
    const StepProgress& p = at.steps[i];
    if (kind != StepKind::pivot && kind != StepKind::retriable) continue;
    if (p.state == StepState::succeeded || p.run.in_flight || p.run.in_doubt) return true;
  }
  return false;
}

void Observer::undo_attempt(const Saga& at, StepIndex i) {
  hold(at.state == SagaState::compensating, "a step was undone in a saga that is not compensating");
  hold(plan_.step(i).kind == StepKind::reversible, "a step without an undo was undone");
  for (StepIndex later = 0; later < plan_.size(); ++later) {
    if (!before_[i][later]) continue;
    const StepState s = at.steps[later].state;
    const bool stands = s == StepState::running || s == StepState::backing_off || s == StepState::undoing ||
                        s == StepState::undo_failed ||
                        (s == StepState::succeeded && plan_.step(later).kind == StepKind::reversible);
    hold(!stands, "a step was undone before one that came after it");
  }
}

void Observer::state_moved(const Saga& at, const SagaEntry& entry) {
  hold(!is_terminal(at.state), "a saga that was over moved");
  if (entry.to == SagaState::needs_operator)
    hold(entry.step && !entry.error_class.empty(), "a saga was parked without its step and error");
  if (entry.to == SagaState::running) hold(!at.compensation_begun, "a saga went forward again");
  if (entry.to == SagaState::completed) hold(!at.compensation_begun, "a compensated saga was completed");
}

}  // namespace amends::properties
