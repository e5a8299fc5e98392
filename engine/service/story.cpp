#include "engine/service/story.hpp"

#include "engine/base/rfc3339.hpp"

namespace amends::engine {
namespace {

bool is_undo_state(StepState s) {
  switch (s) {
    case StepState::undoing:
    case StepState::undone:
    case StepState::undo_empty:
    case StepState::undo_failed:
    case StepState::undo_skipped: return true;
    case StepState::pending:
    case StepState::running:
    case StepState::backing_off:
    case StepState::succeeded:
    case StepState::rejected:
    case StepState::skipped: return false;
  }
  return false;
}

const Json* find_step(const Json& graph, StepIndex i) {
  const bool known = graph.is_object() && graph.contains("steps") && i < graph["steps"].size();
  return known ? &graph["steps"][i] : nullptr;
}

}  // namespace

std::string step_name(const Json& graph, StepIndex i) {
  const Json* step = find_step(graph, i);
  return step ? step->value("name", "") : "step-" + std::to_string(i);
}

std::string undo_name(const Json& graph, StepIndex i) {
  const Json* step = find_step(graph, i);
  const bool has = step && step->contains("undo") && (*step)["undo"].is_object();
  return has ? (*step)["undo"].value("name", "") : std::string();
}

void Story::follow(const JournalRow& row) {
  act_open_ = false;
  for (const Entry& entry : decode_row(row.body).entries) {
    if (const auto* started = std::get_if<StartedEntry>(&entry)) {
      run_.resize(started->step_count);
      undo_.resize(started->step_count);
      states_.resize(started->step_count, StepState::pending);
    }
    if (const auto* one = std::get_if<AttemptEntry>(&entry)) attempt(*one);
    if (const auto* one = std::get_if<OutcomeEntry>(&entry)) outcome(*one, row.at);
    if (const auto* one = std::get_if<StepEntry>(&entry)) step(*one);
    if (const auto* one = std::get_if<AgainEntry>(&entry)) acted_on(one->direction, one->step);
    if (const auto* one = std::get_if<SagaEntry>(&entry)) turn(*one, row.at);
    if (const auto* one = std::get_if<CommandEntry>(&entry)) command(*one, row.at);
  }
}

void Story::attempt(const AttemptEntry& entry) {
  leg(entry.direction, entry.step)
      .attempts.push_back({{"number", entry.number}, {"sent_at", rfc3339(entry.at)}});
  states_[entry.step] = entry.direction == Direction::run ? StepState::running : StepState::undoing;
}

void Story::outcome(const OutcomeEntry& entry, WallTime at) {
  states_[entry.step] = entry.to;
  auto& attempts = leg(entry.direction, entry.step).attempts;
  if (attempts.empty()) return;
  attempts.back()["outcome"] = name_of(entry.outcome);
  attempts.back()["ended_at"] = rfc3339(at);
  if (!entry.error_class.empty())
    attempts.back()["error"] = {{"class", entry.error_class}, {"message", entry.error}};
}

void Story::step(const StepEntry& entry) {
  const bool undo = is_undo_state(states_[entry.step]) || is_undo_state(entry.to);
  if (undo && (entry.to == StepState::undo_skipped || entry.to == StepState::skipped))
    undo_[entry.step].skipped = true;
  acted_on(undo ? Direction::undo : Direction::run, entry.step);
  states_[entry.step] = entry.to;
}

void Story::turn(const SagaEntry& entry, WallTime at) {
  if (entry.to == SagaState::compensating) compensating_ = true;
  if (!entry.step && entry.error_class.empty()) return;
  Json out{
      {"to", name_of(entry.to)}, {"at", rfc3339(at)}, {"class", entry.error_class}, {"message", entry.error}};
  // While it is being undone, only an undo can be what it is stuck at.
  const bool undo = compensating_ && entry.to == SagaState::needs_operator;
  if (entry.step) name(out, undo ? Direction::undo : Direction::run, *entry.step);
  turns_.push_back(std::move(out));
}

void Story::command(const CommandEntry& entry, WallTime at) {
  Json out{{"verb", name_of(entry.verb)}, {"answer", entry.answer}, {"at", rfc3339(at)}};
  if (!entry.actor.empty()) out["actor"] = entry.actor;
  if (!entry.reason.empty()) out["reason"] = entry.reason;
  acts_.push_back(std::move(out));
  // An entry of an earlier release does not say which leg it is about: the first that follows it is.
  act_open_ = entry.verb == Verb::retry || entry.verb == Verb::skip || entry.verb == Verb::resolve;
  if (entry.step) acted_on(entry.direction, *entry.step);
}

void Story::acted_on(Direction direction, StepIndex i) {
  if (!act_open_) return;
  act_open_ = false;
  name(acts_.back(), direction, i);
  leg(direction, i).act = acts_.back();
}

void Story::name(Json& out, Direction direction, StepIndex i) const {
  out["step"] = step_name(graph_, i);
  if (direction == Direction::undo) out["undo"] = undo_name(graph_, i);
}

}  // namespace amends::engine
