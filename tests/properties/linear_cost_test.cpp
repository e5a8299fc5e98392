// Ten thousand steps: a decision costs what it changes. The bound is generous, because a decision that looks
// at the whole plan misses it a hundredfold.
#include <gtest/gtest.h>

#include <chrono>
#include <deque>

#include "engine/lifecycle/decide.hpp"

namespace amends::properties {
namespace {

using namespace engine;

enum class Shape { lanes, independent, one_line };

// 10,000 steps, the last of which comes after all lanes.
PlanPtr wide_plan(Shape shape) {
  std::vector<Step> steps(steps_max);
  for (StepIndex i = 0; i < steps.size(); ++i) {
    Step& step = steps[i];
    step.name = "s" + std::to_string(i);
    step.kind = StepKind::reversible;
    step.undo = UndoStep{};
    step.undo->name = "u" + std::to_string(i);
    if (shape == Shape::lanes && i >= 2) step.after = {i - 2};
    if (shape == Shape::one_line && i >= 1) step.after = {i - 1};
  }
  Step& last = steps.back();
  last.after.clear();
  for (StepIndex i = 0; i + 1 < steps.size(); ++i)
    if (shape == Shape::independent || i + 3 >= steps.size()) last.after.push_back(i);
  EXPECT_TRUE(findings("wide", 1, steps).empty());
  return std::make_shared<const Plan>("wide", 1, "Input{}", std::move(steps));
}

// Every step is done, except that the last is refused; then everything is undone. Returns the decisions.
std::size_t run_and_undo(const Plan& plan, Saga& saga) {
  Lifecycle lifecycle;
  const RequestPtr request = std::make_shared<const Request>(Request{"model", "endpoint", "{}"});
  std::deque<decltype(Event::what)> inbox{StartEvent{"", "{}"}};
  std::size_t decisions = 0;
  for (; !inbox.empty(); inbox.pop_front(), ++decisions) {
    const Decision decision = lifecycle.decide(saga, plan, {from_micros(1'000'000), 7, inbox.front()});
    for (const LegRef ref : decision.prepares)
      inbox.push_back(PreparedEvent{ref.step, ref.direction, request, {Idempotency::barrier, Millis(0)}, {}});
    for (const LegRef ref : decision.attempts) {
      Reply reply;
      const bool refused = ref.step + 1 == plan.size();
      reply.outcome = refused ? Outcome::rejected : Outcome::done;
      reply.error_class = refused ? "refused" : "";
      inbox.push_back(RepliedEvent{ref.step, ref.direction, 1, reply});
    }
  }
  return decisions;
}

class LinearCost : public ::testing::TestWithParam<Shape> {};

TEST_P(LinearCost, ten_thousand_steps_run_and_are_undone_in_seconds) {
  const auto begun = std::chrono::steady_clock::now();
  const PlanPtr plan = wide_plan(GetParam());
  Saga saga;

  const std::size_t decisions = run_and_undo(*plan, saga);

  EXPECT_EQ(saga.state, SagaState::compensated);
  EXPECT_EQ(decisions, 1 + 4 * std::size_t{steps_max} - 2);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(10));
}

INSTANTIATE_TEST_SUITE_P(Shapes, LinearCost,
                         ::testing::Values(Shape::lanes, Shape::independent, Shape::one_line),
                         [](const auto& shape) {
                           return std::string(shape.param == Shape::lanes         ? "lanes"
                                              : shape.param == Shape::independent ? "independent"
                                                                                  : "one_line");
                         });

}  // namespace
}  // namespace amends::properties
