#include "engine/verify/replay.hpp"

#include <algorithm>

namespace amends::engine {
namespace {

constexpr std::string_view refused_class = "store_refuses_data";

// Whether the second is the first, but for what was not ours to decide.
bool same_but_for_pace(const Entry& made, const Entry& kept, bool exact) {
  if (made.index() != kept.index()) return false;
  if (const auto* outcome = std::get_if<OutcomeEntry>(&made)) {
    OutcomeEntry other = std::get<OutcomeEntry>(kept);
    if (outcome->wake_at && other.wake_at) other.wake_at = outcome->wake_at;
    return *outcome == other;
  }
  if (const auto* attempt = std::get_if<AttemptEntry>(&made)) {
    // Its time is longer where flushes took long.
    AttemptEntry other = std::get<AttemptEntry>(kept);
    if (other.not_after >= (exact ? attempt->not_after : other.at)) other.not_after = attempt->not_after;
    return *attempt == other;
  }
  return made == kept;
}

// When the decision that begins here may have been made: an attempt says so, the row's time is that of its
// last decision, and none is older than the one before it.
std::vector<WallTime> times(const Entries& entries, std::size_t first, WallTime at, WallTime before) {
  std::vector<WallTime> out;
  const auto add = [&out](WallTime time) {
    if (std::find(out.begin(), out.end(), time) == out.end()) out.push_back(time);
  };
  if (const auto* started = std::get_if<StartedEntry>(&entries[first])) return {started->at};
  for (std::size_t i = first; i < entries.size(); ++i)
    if (const auto* attempt = std::get_if<AttemptEntry>(&entries[i])) {
      add(attempt->at);
      break;
    }
  add(at);
  add(before);
  return out;
}

}  // namespace

Replay::Replay(Lifecycle& lifecycle, const SagaId& id) : lifecycle_(lifecycle) {
  folded_.id = decided_.id = id;
}

std::string Replay::take(std::uint32_t seq, WallTime at, const Entries& entries) {
  for (std::size_t i = 0; i < entries.size();) {
    std::size_t count = 1;
    if (std::string why = misfit(folded_, entries[i]); !why.empty()) return why;
    if (is_decided()) {
      count = explain(entries, i, at);
      if (count == 0) {
        surprise_ = surprised_by(entries[i]);
        count = 1;
      }
    }
    for (const std::size_t end = i + count; i < end; ++i) {
      if (std::string why = misfit(folded_, entries[i]); !why.empty()) return why;
      fold(folded_, entries[i]);
    }
  }
  folded_.seq = seq;
  folded_.updated_at = before_ = at;
  return {};
}

std::size_t Replay::explain(const Entries& entries, std::size_t first, WallTime at) {
  const bool starts = std::holds_alternative<StartedEntry>(entries[first]);
  if (starts != decided_.steps.empty()) return 0;
  if (starts && std::get<StartedEntry>(entries[first]).step_count != plan_->plan().size()) return 0;
  for (const WallTime time : times(entries, first, at, before_))
    if (const std::size_t count = explain_at(entries, first, time); count > 0) return count;
  if (const std::size_t count = refused_by_store(entries, first); count > 0) return count;
  // Two lanes may each have spoken of a time between these: when an attempt that is still under way was
  // waited for.
  for (const StepProgress& step : folded_.steps) {
    const WallTime until = step.run.stray_until;
    if (until <= before_ || until >= at) continue;
    for (const WallTime time : {until, until + Micros(1)})
      if (const std::size_t count = explain_at(entries, first, time); count > 0) return count;
  }
  return 0;
}

std::size_t Replay::explain_at(const Entries& entries, std::size_t first, WallTime time) {
  const bool starts = std::holds_alternative<StartedEntry>(entries[first]);
  for (const What& what : guess_events(folded_, plan_->plan(), entries, first))
    for (const PlanPtr& form : plan_->forms()) {
      const Decision made = lifecycle_.decide(decided_, *form, {time, 0, what});
      if (made.entries.empty()) continue;  // and nothing of the state has changed
      const std::size_t count = matching(made, entries, first);
      if (count > 0) {
        take_over_pace(made, entries, first);
        return count;
      }
      decided_ = folded_;
      if (starts) return 0;  // the same start on any form
    }
  return 0;
}

std::size_t Replay::matching(const Decision& made, const Entries& entries, std::size_t first) const {
  if (made.entries.size() > entries.size() - first) return 0;
  for (std::size_t i = 0; i < made.entries.size(); ++i)
    if (!same_but_for_pace(made.entries[i], entries[first + i], plan_->is_exact())) return 0;
  return made.entries.size();
}

void Replay::take_over_pace(const Decision& made, const Entries& entries, std::size_t first) {
  for (std::size_t i = 0; i < made.entries.size(); ++i) {
    const Entry& kept = entries[first + i];
    if (const auto* outcome = std::get_if<OutcomeEntry>(&made.entries[i])) {
      Leg& leg = decided_.steps[outcome->step].leg(outcome->direction);
      if (leg.wake_at && leg.wake_at == outcome->wake_at) leg.wake_at = std::get<OutcomeEntry>(kept).wake_at;
    }
    if (const auto* attempt = std::get_if<AttemptEntry>(&made.entries[i]))
      decided_.steps[attempt->step].leg(attempt->direction).not_after =
          std::get<AttemptEntry>(kept).not_after;
  }
}

// The one thing that an engine writes without deciding: the store did not take what the saga had learned, so
// what was under way counts as unknown and a person must look (engine/runtime/shard_recovery.cpp).
std::size_t Replay::refused_by_store(const Entries& entries, std::size_t first) {
  std::size_t i = first;
  for (; i < entries.size(); ++i) {
    const auto* outcome = std::get_if<OutcomeEntry>(&entries[i]);
    if (outcome == nullptr) break;
    if (outcome->error_class != refused_class || outcome->outcome != Outcome::unknown) return 0;
    if (outcome->step >= decided_.steps.size()) return 0;
    const Leg& leg = decided_.steps[outcome->step].leg(outcome->direction);
    const bool run = outcome->direction == Direction::run;
    const StepState to = run ? StepState::backing_off : StepState::undo_failed;
    if (!leg.in_flight || leg.attempts != outcome->number || outcome->to != to) return 0;
  }
  if (i == entries.size() || is_terminal(decided_.state)) return 0;
  const auto* parked = std::get_if<SagaEntry>(&entries[i]);
  if (parked == nullptr || parked->to != SagaState::needs_operator || parked->error_class != refused_class)
    return 0;
  for (std::size_t k = first; k <= i; ++k) {
    if (!misfit(decided_, entries[k]).empty()) return 0;
    fold(decided_, entries[k]);
  }
  return i + 1 - first;
}

}  // namespace amends::engine
