// resolve: what becomes of a step that an operator has evidence about, and of the cause that it frees.
#include <gtest/gtest.h>

#include "tests/engine/lifecycle/parked.hpp"

namespace amends::engine {
namespace {

using enum StepState;

TEST(Cause, of_what_an_operator_freed_is_over_and_his_act_stands_at_the_step) {
  Parked s(Outcome::unknown, Idempotency::none);
  ASSERT_EQ(s.saga.cause.step, 2u);

  s.command(Verb::resolve, "r", true);

  EXPECT_EQ(s.saga.cause, Cause{});
  EXPECT_EQ(s.saga.steps[2].act, (OperatorAct{Verb::resolve, Direction::run, "ann", "evidence"}));
}

TEST(Cause, of_an_abandoned_saga_is_kept_as_its_origin) {
  Parked s(Outcome::rejected);

  s.command(Verb::abandon);

  EXPECT_EQ(s.saga.cause.error_class, "abandoned");
  EXPECT_EQ(s.saga.origin.step, 2u);
}

TEST(Resolve, as_happened_keeps_the_given_result_and_goes_on) {
  Parked s(Outcome::unknown, Idempotency::none);

  EXPECT_EQ(s.command(Verb::resolve, "r", true, "").verdict, Verdict::refused);
  s.command(Verb::resolve, "r", true);

  EXPECT_EQ(s.saga.steps[2].result, R"("seen")");
  EXPECT_TRUE(s.asked(3));
}

TEST(Resolve, as_not_happened_lets_it_be_tried_again_behind_the_pivot) {
  Parked s(Outcome::unknown, Idempotency::none);

  s.command(Verb::resolve, "r", false);
  EXPECT_EQ(s.saga.state, SagaState::needs_operator);
  EXPECT_EQ(s.command(Verb::retry, "r").verdict, Verdict::accepted);

  EXPECT_TRUE(s.asked(2));
}

TEST(Resolve, of_a_pivot_that_is_asked_again_and_again_goes_on_either_way) {
  for (const bool happened : {true, false}) {
    Script s({reversible("a"), pivot("p", {0}), retriable("r", {1})});
    s.start();
    s.run(0, Outcome::done);
    EXPECT_EQ(s.command(Verb::resolve, "p", happened).verdict, Verdict::refused) << "it is in flight";
    s.run(1, Outcome::unknown);
    ASSERT_EQ(s.saga.state, SagaState::running);

    EXPECT_EQ(s.command(Verb::resolve, "", happened).verdict, Verdict::accepted);

    EXPECT_EQ(s.saga.state, happened ? SagaState::running : SagaState::compensating);
    EXPECT_EQ(s.asked(2), happened);
    EXPECT_EQ(s.undoing(0), !happened);
    const Saga before = s.saga;
    s.ring(1);
    EXPECT_FALSE(s.asked(1)) << "its timer is stale";
  }
}

TEST(Resolve, of_what_surely_did_not_happen_is_left_to_its_retries) {
  Script s({reversible("a"), pivot("p", {0})});
  s.start();
  s.run(0, Outcome::transient);

  EXPECT_EQ(s.command(Verb::resolve, "a", true).verdict, Verdict::refused);
  EXPECT_TRUE(s.last.entries.empty());
}

TEST(Resolve, of_an_undo_that_is_asked_again_goes_on_either_way) {
  for (const bool happened : {true, false}) {
    Script s({reversible("a"), pivot("p", {0})});
    s.start();
    s.run(0, Outcome::done), s.run(1, Outcome::rejected), s.undo(0, Outcome::unknown);

    EXPECT_EQ(s.command(Verb::resolve, "undo-a", happened).verdict, Verdict::accepted);

    EXPECT_EQ(s.saga.state, happened ? SagaState::compensated : SagaState::compensating);
    EXPECT_EQ(s.undoing(0), !happened);
    EXPECT_FALSE(s.leg(0, Direction::undo).in_doubt);
  }
}

TEST(Resolve, of_a_pivot_as_not_happened_undoes_what_came_before) {
  Script s({reversible("a"), pivot("p", {0})}, Idempotency::none);
  s.start();
  s.run(0, Outcome::done), s.run(1, Outcome::unknown);

  s.command(Verb::resolve, "p", false);

  EXPECT_EQ(s.saga.state, SagaState::compensating);
  EXPECT_TRUE(s.undoing(0));
}

TEST(Resolve, of_an_undo_in_doubt_as_not_happened_lets_it_be_tried_again) {
  UndoParked s(Outcome::unknown, Idempotency::none);
  ASSERT_EQ(s.command(Verb::retry, "a").verdict, Verdict::refused);

  EXPECT_EQ(s.command(Verb::resolve, "a", false).verdict, Verdict::accepted);
  EXPECT_EQ(s.state(0), undo_failed);
  EXPECT_EQ(s.command(Verb::retry, "a").verdict, Verdict::accepted);

  EXPECT_TRUE(s.undoing(0));
}

TEST(Resolve, of_an_undo_as_happened_ends_it) {
  UndoParked s(Outcome::rejected);

  EXPECT_EQ(s.command(Verb::resolve, "a", false).sentence,
            "the undo of 'a' did not happen: retry it, or skip it");
  s.command(Verb::resolve, "a", true);

  EXPECT_EQ(s.state(0), undone);
  EXPECT_EQ(s.saga.state, SagaState::compensated);
}

}  // namespace
}  // namespace amends::engine
