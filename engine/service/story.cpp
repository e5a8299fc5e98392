#include "engine/service/story.hpp"

#include "engine/base/rfc3339.hpp"

namespace amends::engine {

const Json* find_step(const Json& graph, StepIndex i) {
  const auto steps = graph.is_object() ? graph.find("steps") : graph.end();
  const bool known =
      steps != graph.end() && steps->is_array() && i < steps->size() && (*steps)[i].is_object();
  return known ? &(*steps)[i] : nullptr;
}

std::string text_in(const Json& object, const char* member) {
  const auto it = object.find(member);
  return it != object.end() && it->is_string() ? it->get<std::string>() : std::string();
}

std::string step_name(const Json& graph, StepIndex i) {
  const Json* step = find_step(graph, i);
  return step ? text_in(*step, "name") : "step-" + std::to_string(i);
}

std::string undo_name(const Json& graph, StepIndex i) {
  const Json* step = find_step(graph, i);
  const bool has = step && step->contains("undo") && (*step)["undo"].is_object();
  return has ? text_in((*step)["undo"], "name") : std::string();
}

void Story::follow(const JournalRow& row) {
  for (const Entry& entry : decode_row(row.body).entries) {
    if (const auto* started = std::get_if<StartedEntry>(&entry)) {
      run_.resize(started->step_count);
      undo_.resize(started->step_count);
    }
    if (const auto* one = std::get_if<AttemptEntry>(&entry)) attempt(*one);
    if (const auto* one = std::get_if<OutcomeEntry>(&entry)) outcome(*one, row.at);
    if (const auto* one = std::get_if<SagaEntry>(&entry)) turn(*one, row.at);
    if (const auto* one = std::get_if<CommandEntry>(&entry)) command(*one, row.at);
  }
}

void Story::attempt(const AttemptEntry& entry) {
  (entry.direction == Direction::run ? run_ : undo_)[entry.step].push_back(
      {{"number", entry.number}, {"sent_at", rfc3339(entry.at)}});
}

void Story::outcome(const OutcomeEntry& entry, WallTime at) {
  std::vector<Json>& attempts = (entry.direction == Direction::run ? run_ : undo_)[entry.step];
  if (attempts.empty()) return;
  attempts.back()["outcome"] = name_of(entry.outcome);
  attempts.back()["ended_at"] = rfc3339(at);
  if (!entry.error_class.empty())
    attempts.back()["error"] = {{"class", entry.error_class}, {"message", entry.error}};
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
  if (entry.step) name(out, entry.direction, *entry.step);
  acts_.push_back(std::move(out));
}

void Story::name(Json& out, Direction direction, StepIndex i) const {
  out["step"] = step_name(graph_, i);
  if (direction == Direction::undo) out["undo"] = undo_name(graph_, i);
}

}  // namespace amends::engine
