// What a journal tells beside the state it folds to: when each attempt was sent and ended, what operators
// did, and what turned the saga.
#pragma once
#include <string>
#include <vector>

#include "engine/base/json.hpp"
#include "engine/journal/entry.hpp"
#include "engine/ports/store.hpp"

namespace amends::engine {

// The step as the plan's graph has it; nullptr where it has none that is one. A store's text may be anything.
const Json* find_step(const Json& graph, StepIndex i);
// Empty when `object` has no such text.
std::string text_in(const Json& object, const char* member);

// The name of step `i`, "step-3" where the plan's graph is missing; and of its undo, empty without one.
std::string step_name(const Json& graph, StepIndex i);
std::string undo_name(const Json& graph, StepIndex i);

// One thread.
class Story {
 public:
  explicit Story(const Json& graph) : graph_(graph) {}

  // The next row; only of a journal that folds.
  void follow(const JournalRow& row);

  // {number, sent_at, ended_at?, outcome?, error?}, in journal order.
  const std::vector<Json>& attempts(Direction direction, StepIndex i) const {
    return direction == Direction::run ? run_[i] : undo_[i];
  }
  // {verb, answer, at, actor?, reason?, step?, undo?}, in journal order.
  const Json& acts() const { return acts_; }
  // {to, at, class, message, step?, undo?}: each time that the saga left its way, and why.
  const Json& turns() const { return turns_; }

 private:
  void attempt(const AttemptEntry& entry);
  void outcome(const OutcomeEntry& entry, WallTime at);
  void turn(const SagaEntry& entry, WallTime at);
  void command(const CommandEntry& entry, WallTime at);
  void name(Json& out, Direction direction, StepIndex i) const;

  const Json& graph_;
  std::vector<std::vector<Json>> run_, undo_;  // attempts, by step
  Json acts_ = Json::array(), turns_ = Json::array();
  bool compensating_ = false;
};

}  // namespace amends::engine
