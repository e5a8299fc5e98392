// The point of no return: when it counts as passed, what may still be taken back, and how cancel is answered.
#include <gtest/gtest.h>

#include "tests/engine/lifecycle/script.hpp"

namespace amends::engine {
namespace {

std::vector<Step> with_pivot() {
  return {reversible("a"), pivot("p", {0}), retriable("r", {1})};
}

void reach_pivot(Script& s) {
  s.start();
  s.run(0, Outcome::done);
}

TEST(Pivot, refused_it_did_not_happen_and_what_came_before_is_undone) {
  Script s(with_pivot());
  reach_pivot(s);

  s.run(1, Outcome::rejected);

  EXPECT_EQ(s.saga.state, SagaState::compensating);
  EXPECT_TRUE(s.undoing(0));
}

TEST(Pivot, in_doubt_it_is_asked_again_without_a_limit) {
  Script s(with_pivot());
  reach_pivot(s);

  for (int i = 0; i < 50; ++i) s.run(1, i % 2 == 0 ? Outcome::unknown : Outcome::transient), s.ring(1);

  EXPECT_TRUE(s.asked(1));
  EXPECT_EQ(s.saga.state, SagaState::running);
}

TEST(Pivot, in_doubt_and_never_to_be_known_it_is_parked_not_undone) {
  Script s(with_pivot(), Idempotency::none);
  reach_pivot(s);

  s.run(1, Outcome::unknown);

  EXPECT_EQ(s.saga.state, SagaState::needs_operator);
  EXPECT_EQ(s.saga.cause.step, 1u);
  EXPECT_EQ(s.saga.cause.error_class, "unknown");
}

TEST(Pivot, in_doubt_and_refused_by_our_own_side_it_is_parked_not_undone) {
  Script s(with_pivot());
  reach_pivot(s);
  s.run(1, Outcome::unknown), s.ring(1);

  s.refused_here(1);

  EXPECT_EQ(s.saga.state, SagaState::needs_operator);
  EXPECT_TRUE(s.leg(1).in_doubt);
  EXPECT_FALSE(s.undoing(0));
  s.crash();
  EXPECT_EQ(s.saga.state, SagaState::needs_operator);
  EXPECT_TRUE(s.leg(1).in_doubt) << "the journal knows that the participant did not answer";
}

TEST(Pivot, once_done_a_later_refusal_needs_an_operator) {
  Script s(with_pivot());
  reach_pivot(s);
  s.run(1, Outcome::done);

  s.run(2, Outcome::rejected);

  EXPECT_EQ(s.saga.state, SagaState::needs_operator);
  EXPECT_EQ(s.saga.cause.step, 2u);
}

TEST(Pivot, what_an_author_throws_from_the_pivot_on_needs_an_operator) {
  Script s(with_pivot());
  s.start();
  s.prepares = false;
  s.run(0, Outcome::done);

  s.prepare_fails(1);

  EXPECT_EQ(s.saga.state, SagaState::needs_operator);
  EXPECT_EQ(s.saga.cause.error_class, "author_error");
}

TEST(Cancel, before_the_pivot_undoes_what_was_done) {
  Script s({reversible("a"), reversible("b", {0}), pivot("p", {1})});
  s.start();
  s.run(0, Outcome::done);

  EXPECT_EQ(s.command(Verb::cancel).verdict, Verdict::accepted);

  EXPECT_EQ(s.saga.state, SagaState::compensating);
  s.run(1, Outcome::done);  // it was in flight
  EXPECT_TRUE(s.undoing(1));
}

TEST(Cancel, while_the_pivot_is_in_flight_is_remembered_and_counts_when_it_did_not_happen) {
  Script s(with_pivot());
  reach_pivot(s);

  for (int twice = 0; twice < 2; ++twice) EXPECT_EQ(s.command(Verb::cancel).verdict, Verdict::remembered);
  EXPECT_EQ(s.saga.state, SagaState::running);
  s.run(1, Outcome::transient);

  EXPECT_EQ(s.saga.state, SagaState::compensating);
  EXPECT_EQ(s.saga.cause.error_class, "cancelled");
}

TEST(Cancel, remembered_is_forgotten_by_no_restart_and_void_when_the_pivot_happened) {
  Script s(with_pivot());
  reach_pivot(s);
  s.command(Verb::cancel);

  s.crash();
  s.run(1, Outcome::done);

  EXPECT_EQ(s.saga.state, SagaState::running);
  EXPECT_TRUE(s.asked(2));
  EXPECT_EQ(s.command(Verb::cancel).verdict, Verdict::too_late);
}

TEST(Cancel, remembered_counts_when_an_operator_knows_that_the_point_was_not_passed) {
  Script s({reversible("a"), retriable("r", {0})}, Idempotency::none);
  reach_pivot(s);
  s.command(Verb::cancel);
  s.run(1, Outcome::unknown);
  ASSERT_EQ(s.saga.state, SagaState::needs_operator);

  s.command(Verb::resolve, "r", false);

  EXPECT_EQ(s.saga.state, SagaState::compensating);
}

TEST(Cancel, remembered_counts_when_the_last_lane_that_spoke_against_it_ends_with_an_operator) {
  Script s({retriable("r"), retriable("q")});
  s.start();
  ASSERT_EQ(s.command(Verb::cancel).verdict, Verdict::remembered);
  s.run(0, Outcome::rejected);
  ASSERT_EQ(s.saga.state, SagaState::needs_operator);

  s.run(1, Outcome::rejected);

  EXPECT_EQ(s.saga.state, SagaState::compensated);
}

TEST(Cancel, of_a_saga_that_is_being_undone_is_accepted_and_changes_nothing) {
  Script s({reversible("a"), reversible("b", {0})});
  s.start();
  s.run(0, Outcome::done);
  s.run(1, Outcome::rejected);

  for (int twice = 0; twice < 2; ++twice) {
    EXPECT_EQ(s.command(Verb::cancel).verdict, Verdict::accepted);
    EXPECT_EQ(s.saga.state, SagaState::compensating);
    EXPECT_EQ(s.saga.cause.step, 1u) << "it was turned back by a step, not by the cancel";
    EXPECT_EQ(s.state(0), StepState::undoing);
    EXPECT_TRUE(s.last.attempts.empty()) << "it is sent once";
  }
}

TEST(NoPivot, the_first_retriable_step_is_the_point_of_no_return) {
  Script s({reversible("a"), retriable("r", {0}), retriable("q", {0})});
  s.start();
  s.run(0, Outcome::done);
  s.run(1, Outcome::done);

  EXPECT_EQ(s.command(Verb::cancel).verdict, Verdict::too_late);
  s.run(2, Outcome::rejected);
  EXPECT_EQ(s.saga.state, SagaState::needs_operator);
}

}  // namespace
}  // namespace amends::engine
