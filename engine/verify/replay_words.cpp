// What the replay says about entries, for people.
#include "engine/journal/entry.hpp"
#include "engine/ports/inspection.hpp"
#include "engine/verify/replay.hpp"

namespace amends::engine {
namespace {

constexpr WallTime last_time{Micros(inspected_time_max)};
constexpr Millis remembers_max{253'402'300'799'999};

struct Named {
  const Saga& saga;
  const Plan& plan;

  std::string leg(StepIndex step, Direction direction) const {
    const std::string name = step < plan.size() ? "'" + plan.step(step).name + "'" : std::to_string(step);
    return (direction == Direction::undo ? "the undo of " : "") + name;
  }
  std::string state_of(StepIndex step) const {
    if (step >= saga.steps.size()) return "";
    return ", which is " + std::string(name_of(saga.steps[step].state));
  }

  std::string operator()(const StartedEntry&) const { return "a start"; }
  std::string operator()(const PreparedEntry& e) const {
    return "a request of " + leg(e.step, e.direction) + state_of(e.step);
  }
  std::string operator()(const AttemptEntry& e) const {
    return "attempt " + std::to_string(e.number) + " of " + leg(e.step, e.direction) + state_of(e.step);
  }
  std::string operator()(const OutcomeEntry& e) const {
    return "the outcome '" + std::string(name_of(e.outcome)) + "' of attempt " + std::to_string(e.number) +
           " of " + leg(e.step, e.direction) + state_of(e.step);
  }
  std::string operator()(const LateEntry& e) const {
    return "a late reply to attempt " + std::to_string(e.number) + " of " + leg(e.step, e.direction);
  }
  std::string operator()(const StepEntry& e) const {
    return leg(e.step, Direction::run) + " as " + std::string(name_of(e.to)) + state_of(e.step);
  }
  std::string operator()(const AgainEntry& e) const {
    return leg(e.step, e.direction) + " starting over" + state_of(e.step);
  }
  std::string operator()(const SagaEntry& e) const { return "the saga as " + std::string(name_of(e.to)); }
  std::string operator()(const CommandEntry& e) const {
    return "the command '" + std::string(name_of(e.verb)) + "' as " + e.answer;
  }
};

struct Timeliness {
  template <class E>
  bool operator()(const E& e) const {
    if constexpr (requires { e.at; })
      if (!is_timely(e.at)) return false;
    if constexpr (requires { e.not_after; })
      if (!is_timely(e.not_after)) return false;
    if constexpr (requires { e.wake_at; })
      if (e.wake_at && !is_timely(*e.wake_at)) return false;
    if constexpr (requires { e.facts; })
      if (e.facts.remembers < Millis(0) || e.facts.remembers > remembers_max) return false;
    return true;
  }
};

}  // namespace

bool is_timely(WallTime at) {
  return at >= WallTime{} && at <= last_time;
}

std::string untimely(const Entry& entry) {
  return std::visit(Timeliness{}, entry) ? "" : "an entry holds a time that is none";
}

std::string Replay::surprised_by(const Entry& entry) const {
  const std::string state =
      folded_.steps.empty() ? "" : " while the saga is " + std::string(name_of(folded_.state));
  return "no decision leads to " + std::visit(Named{folded_, plan_->plan()}, entry) + state;
}

}  // namespace amends::engine
