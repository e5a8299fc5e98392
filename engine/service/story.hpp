// What a journal tells beside the state it folds to: when each attempt was sent and ended, what operators
// did, and what turned the saga.
#pragma once
#include <string>
#include <vector>

#include "engine/base/json.hpp"
#include "engine/journal/entry.hpp"
#include "engine/ports/store.hpp"

namespace amends::engine {

// The name of step `i`, "step-3" where the plan's graph is missing; and of its undo, empty without one.
std::string step_name(const Json& graph, StepIndex i);
std::string undo_name(const Json& graph, StepIndex i);

// One thread.
class Story {
 public:
  explicit Story(const Json& graph) : graph_(graph) {}

  // The next row; only of a journal that folds.
  void follow(const JournalRow& row);

  struct OfLeg {
    std::vector<Json> attempts;
    Json act;              // the last command that an operator gave about it; null without one
    bool skipped = false;  // an undo that an operator passed over: what it would have taken back stands
  };
  const OfLeg& of(Direction direction, StepIndex i) const {
    return direction == Direction::run ? run_[i] : undo_[i];
  }
  // {verb, answer, at, actor?, reason?, step?, undo?}, in journal order.
  const Json& acts() const { return acts_; }
  // {to, at, class, message, step?, undo?}: each time that the saga left its way, and why.
  const Json& turns() const { return turns_; }

 private:
  OfLeg& leg(Direction direction, StepIndex i) { return direction == Direction::run ? run_[i] : undo_[i]; }
  void attempt(const AttemptEntry& entry);
  void outcome(const OutcomeEntry& entry, WallTime at);
  void step(const StepEntry& entry);
  void turn(const SagaEntry& entry, WallTime at);
  void command(const CommandEntry& entry, WallTime at);
  // Notes that the command of this row was about this leg.
  void acted_on(Direction direction, StepIndex i);
  void name(Json& out, Direction direction, StepIndex i) const;

  const Json& graph_;
  std::vector<OfLeg> run_, undo_;
  std::vector<StepState> states_;
  Json acts_ = Json::array(), turns_ = Json::array();
  bool compensating_ = false;
  bool act_open_ = false;  // the row's command has not met its step yet
};

}  // namespace amends::engine
