// What speaks against a plan, each with its sentence.
#include <gtest/gtest.h>

#include <functional>

#include "engine/definition/plan.hpp"

namespace amends::engine {
namespace {

Step make(StepKind kind, std::string name, std::vector<StepIndex> after = {}) {
  Step step;
  step.name = std::move(name);
  step.kind = kind;
  step.result_type = "R";
  step.after = std::move(after);
  if (kind != StepKind::reversible) return step;
  step.undo = UndoStep{};
  step.undo->name = "undo-" + step.name;
  return step;
}

using Steps = std::vector<Step>;
constexpr auto read = StepKind::read;
constexpr auto reversible = StepKind::reversible;
constexpr auto pivot = StepKind::pivot;
constexpr auto retriable = StepKind::retriable;

Step changed(Step step, const std::function<void(Step&)>& change) {
  change(step);
  return step;
}

struct Case {
  const char* name;
  Steps steps;
  std::string sentence;
};

class Findings : public ::testing::TestWithParam<Case> {};

TEST_P(Findings, is_one_sentence_that_names_the_plan_and_the_step) {
  const auto found = findings("order", 1, GetParam().steps);

  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0], "order@1: " + GetParam().sentence);
}

INSTANTIATE_TEST_SUITE_P(
    Each, Findings,
    ::testing::Values(
        Case{"no_step", {}, "the plan has no step"},
        Case{"bad_name",
             {make(read, "Bad Name")},
             "the step name 'Bad Name' must be 1 to 64 of a-z, 0-9 and '-'"},
        Case{"input", {make(read, "input")}, "no step may be named 'input'"},
        Case{"twice", {make(read, "a"), make(read, "a", {0})}, "two steps are named 'a'"},
        Case{"undo_name", {make(read, "undo-b"), make(reversible, "b", {0})}, "two steps are named 'undo-b'"},
        Case{"later", {make(read, "a", {0})}, "'a' comes after a step that is made later"},
        Case{"neighbour",
             {make(read, "a"), changed(make(read, "b"), [](Step& s) { s.uses = {0}; })},
             "'b' uses 'a', which runs beside it, not before it"},
        Case{"undo_uses",
             {make(read, "a"), changed(make(reversible, "b"), [](Step& s) { s.undo->uses = {0}; })},
             "'undo-b' uses 'a', which may not have run"},
        Case{"no_undo",
             {changed(make(reversible, "a"), [](Step& s) { s.undo.reset(); })},
             "'a' is reversible but has no undo"},
        Case{"undo_of_read",
             {changed(make(reversible, "a"), [](Step& s) { s.kind = StepKind::read; })},
             "'a' is read, so its undo would never run"},
        Case{"second_pivot", {make(pivot, "p"), make(pivot, "q", {0})}, "'q' is a second pivot"},
        Case{"pivot_beside",
             {make(read, "a"), make(pivot, "p")},
             "'p' is a pivot beside 'a'; a saga commits itself in one place"},
        Case{"read_beside_pivot",
             {make(pivot, "p"), make(read, "a")},
             "'p' is a pivot beside 'a'; a saga commits itself in one place"},
        Case{"reversible_after_pivot",
             {make(pivot, "p"), make(reversible, "a", {0})},
             "'a' is reversible but comes after the pivot"},
        Case{"reversible_after_retriable",
             {make(retriable, "r"), make(reversible, "a", {0})},
             "'a' is reversible but comes after the retriable 'r'"},
        Case{"pivot_after_retriable",
             {make(retriable, "r"), make(pivot, "p", {0})},
             "'p' is a pivot but comes after the retriable 'r'"},
        Case{"retriable_beside_pivot",
             {make(pivot, "p"), make(retriable, "r")},
             "'r' is retriable but does not come after the pivot"},
        Case{"retriable_beside_reversible",
             {make(reversible, "a"), make(retriable, "r")},
             "'r' is retriable and runs beside the reversible 'a'"},
        Case{"no_attempts",
             {changed(make(read, "a"), [](Step& s) { s.retry.attempts_max = 0; })},
             "'a' has attempts_max 0; the first attempt counts, so 1 is the least"},
        Case{"delays",
             {changed(make(read, "a"), [](Step& s) { s.retry.delay_max = Millis(1); })},
             "'a' needs 1 ms <= delay_first <= delay_max"},
        Case{"long_delay",
             {changed(make(read, "a"), [](Step& s) { s.retry.delay_max = std::chrono::hours(200); })},
             "'a' has a delay_max above 7 days"},
        Case{"timeout",
             {changed(make(read, "a"), [](Step& s) { s.timeout = Millis(0); })},
             "'a' needs a timeout of 1 ms to 24 h"},
        Case{"undo_timeout",
             {changed(make(reversible, "a"), [](Step& s) { s.undo->timeout = std::chrono::hours(25); })},
             "'undo-a' needs a timeout of 1 ms to 24 h"}),
    [](const auto& one) { return one.param.name; });

TEST(FindingsTogether, come_all_at_once) {
  const auto found = findings("Order!", 0, {make(read, "a"), make(read, "a"), make(pivot, "p")});

  EXPECT_EQ(found.size(), 4u);
}

TEST(FindingsTogether, a_plan_above_the_limit_is_refused_before_it_costs_anything) {
  const auto found = findings("order", 1, Steps(steps_max + 1, make(read, "a")));

  EXPECT_EQ(found, std::vector<std::string>{"order@1: the plan has more than 10000 steps"});
}

TEST(FindingsTogether, a_good_plan_has_none) {
  EXPECT_TRUE(findings("order", 1,
                       {make(reversible, "a"), make(read, "b"), make(pivot, "p", {0, 1}),
                        make(read, "c", {2}), make(retriable, "r", {2})})
                  .empty());
}

TEST(Shape, holds_what_a_running_saga_relies_on_and_no_delays) {
  const Steps steps{make(read, "a"), make(read, "b", {0})};
  const auto shape = [](Steps with) { return Plan("order", 1, "Input{}", std::move(with)).shape(); };
  Steps slower = steps, renamed = steps, rewired = steps;
  slower[0].timeout = Millis(9), slower[0].retry.attempts_max = 2;
  renamed[0].name = "c";
  rewired[1].after.clear();

  EXPECT_EQ(shape(slower), shape(steps));
  EXPECT_NE(shape(renamed), shape(steps));
  EXPECT_NE(shape(rewired), shape(steps));
}

TEST(PointOfNoReturn, is_the_pivot_or_else_the_first_retriable_step) {
  const Plan with("order", 1, "I", {make(read, "a"), make(pivot, "p", {0}), make(read, "c", {1})});
  const Plan without("order", 1, "I",
                     {make(reversible, "a"), make(retriable, "r", {0}), make(read, "c", {0})});
  const Plan none("order", 1, "I", {make(reversible, "a")});

  EXPECT_EQ(with.point_of_no_return(), 1u);
  EXPECT_TRUE(with.is_past_no_return(2));
  EXPECT_EQ(without.point_of_no_return(), 1u);
  EXPECT_FALSE(without.is_past_no_return(2));
  EXPECT_FALSE(none.point_of_no_return().has_value());
}

}  // namespace
}  // namespace amends::engine
