// A saga told step by step: the test says what happens, the author's code answers by itself.
#pragma once
#include <set>
#include <string>
#include <vector>

#include "engine/lifecycle/decide.hpp"

namespace amends::engine {

// Steps of a test's plan; a reversible one has an undo. Three attempts, 5 s each.
Step make_step(StepKind kind, std::string name, std::vector<StepIndex> after = {});
inline Step read(std::string name, std::vector<StepIndex> after = {}) {
  return make_step(StepKind::read, std::move(name), std::move(after));
}
inline Step reversible(std::string name, std::vector<StepIndex> after = {}) {
  return make_step(StepKind::reversible, std::move(name), std::move(after));
}
inline Step pivot(std::string name, std::vector<StepIndex> after = {}) {
  return make_step(StepKind::pivot, std::move(name), std::move(after));
}
inline Step retriable(std::string name, std::vector<StepIndex> after = {}) {
  return make_step(StepKind::retriable, std::move(name), std::move(after));
}

class Script {
 public:
  explicit Script(std::vector<Step> steps, Idempotency idempotency = Idempotency::key);
  // With a lifecycle of the caller's, which counts the rows that are taken.
  Script(std::vector<Step> steps, Lifecycle& lifecycle, Idempotency idempotency = Idempotency::key);

  void start() { decide(StartEvent{"key", "{}"}); }
  // The attempt in flight of a step's run or undo comes to this.
  void run(StepIndex i, Outcome outcome) { reply(i, Direction::run, outcome); }
  void undo(StepIndex i, Outcome outcome) { reply(i, Direction::undo, outcome); }
  void reply(StepIndex i, Direction direction, Outcome outcome, std::uint32_t number = 0,
             bool answered = true);
  // The adapter refuses it by itself: the participant never heard of this attempt.
  void refused_here(StepIndex i, Direction direction = Direction::run) {
    reply(i, direction, Outcome::rejected, 0, false);
  }
  void pass(Millis time) { now += time; }
  // Rings the step's timer, at the time that it was set to.
  void ring(StepIndex i, Direction direction = Direction::run);
  void prepare_fails(StepIndex i) { decide(PreparedEvent{i, Direction::run, nullptr, {}, "threw"}); }
  // The process ends and the saga is folded from its text.
  void crash();
  CommandAnswer command(Verb verb, std::string step = {}, bool happened = false,
                        std::string reason = "evidence");
  void decide(decltype(Event::what) what);

  bool asked(StepIndex i) const;    // the last decision sends its run
  bool undoing(StepIndex i) const;  // the last decision sends its undo
  StepState state(StepIndex i) const { return saga.steps[i].state; }
  std::string key(StepIndex i, Direction d = Direction::run) const { return effect_key(saga, plan, {i, d}); }
  const Leg& leg(StepIndex i, Direction d = Direction::run) const { return saga.steps[i].leg(d); }

  Plan plan;
  Saga saga;
  EndpointFacts facts;
  std::set<StepIndex> throws_on_undo;  // whose undo cannot be prepared
  bool prepares = true;                // the author's code answers by itself
  WallTime now{std::chrono::seconds(1'000'000)};
  Decision last;  // with all that followed from it at once
  std::vector<std::string> rows;

 private:
  void follow(const Decision& decision);

  Lifecycle own_;
  Lifecycle& lifecycle_;
};

}  // namespace amends::engine
