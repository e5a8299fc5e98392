// Lanes, and the way back.
#include <gtest/gtest.h>

#include "tests/engine/lifecycle/script.hpp"

namespace amends::engine {
namespace {

using enum StepState;

// a, then lanes b-c and d, then e.
std::vector<Step> lanes() {
  return {reversible("a"), reversible("b", {0}), reversible("c", {1}), reversible("d", {0}),
          reversible("e", {2, 3})};
}

TEST(Lanes, run_side_by_side_and_the_join_waits_for_all) {
  Script s(lanes());
  s.start();

  s.run(0, Outcome::done);
  EXPECT_TRUE(s.asked(1) && s.asked(3));
  s.run(3, Outcome::done);
  EXPECT_FALSE(s.asked(4));
  s.run(1, Outcome::done);
  s.run(2, Outcome::done);

  EXPECT_TRUE(s.asked(4));
}

TEST(Lanes, after_one_failed_its_neighbours_schedule_nothing_and_retry_nothing) {
  Script s(lanes());
  s.start();
  s.run(0, Outcome::done);
  s.run(3, Outcome::rejected);

  s.run(1, Outcome::transient);

  EXPECT_EQ(s.state(1), skipped);
  EXPECT_TRUE(s.undoing(0));
  EXPECT_FALSE(s.asked(1) || s.asked(2));
}

TEST(Lanes, what_was_in_flight_is_awaited_and_undone) {
  Script s(lanes());
  s.start();
  s.run(0, Outcome::done);
  s.run(3, Outcome::rejected);
  EXPECT_FALSE(s.undoing(0));

  s.run(1, Outcome::done);

  EXPECT_TRUE(s.undoing(1));
  EXPECT_FALSE(s.undoing(0) || s.asked(2));
}

TEST(Undo, in_doubt_and_refused_by_our_own_side_it_stays_in_doubt) {
  Script s({reversible("a"), pivot("p", {0})});
  s.start();
  s.run(0, Outcome::done), s.run(1, Outcome::rejected);
  s.undo(0, Outcome::unknown), s.ring(0, Direction::undo);

  s.refused_here(0, Direction::undo);

  EXPECT_EQ(s.state(0), StepState::undo_failed);
  EXPECT_TRUE(s.leg(0, Direction::undo).in_doubt);
}

TEST(Undo, goes_in_reversed_order_over_the_lanes) {
  Script s(lanes());
  s.start();
  for (const StepIndex i : {0u, 3u, 1u, 2u}) s.run(i, Outcome::done);

  s.run(4, Outcome::rejected);
  EXPECT_TRUE(s.undoing(2) && s.undoing(3));
  EXPECT_FALSE(s.undoing(1) || s.undoing(0));
  s.undo(3, Outcome::done);
  EXPECT_TRUE(s.last.attempts.empty());
  s.undo(2, Outcome::done);
  EXPECT_TRUE(s.undoing(1));
  s.undo(1, Outcome::done);
  EXPECT_TRUE(s.undoing(0));
  s.undo(0, Outcome::done);

  EXPECT_EQ(s.saga.state, SagaState::compensated);
}

TEST(Undo, looks_through_what_has_none) {
  Script s({reversible("a"), read("b", {0}), reversible("c", {1}), reversible("d", {2})});
  s.start();
  for (const StepIndex i : {0u, 1u, 2u}) s.run(i, Outcome::done);

  s.run(3, Outcome::rejected);
  EXPECT_TRUE(s.undoing(2));
  EXPECT_FALSE(s.undoing(0));
  s.undo(2, Outcome::done);

  EXPECT_TRUE(s.undoing(0));
}

TEST(Undo, that_a_neighbour_makes_possible_looks_through_what_has_none_too) {
  Script s(
      {reversible("a"), read("b", {0}), reversible("c", {1}), reversible("d", {0}), reversible("e", {0})});
  s.start();
  for (const StepIndex i : {0u, 1u, 2u}) s.run(i, Outcome::done);
  s.run(3, Outcome::rejected);
  ASSERT_TRUE(s.undoing(2));

  s.run(4, Outcome::transient);
  EXPECT_FALSE(s.undoing(0));
  s.undo(2, Outcome::done);

  EXPECT_TRUE(s.undoing(0));
}

TEST(Undo, of_what_may_still_arrive_waits_for_its_not_after) {
  Script s({reversible("a")}, Idempotency::none);
  s.start();
  s.pass(Millis(1'000));

  s.run(0, Outcome::unknown);
  EXPECT_FALSE(s.undoing(0));
  const WallTime not_after = s.leg(0).not_after;
  s.ring(0, Direction::undo);

  EXPECT_TRUE(s.undoing(0));
  EXPECT_GT(s.now, not_after);
}

TEST(Undo, with_a_barrier_waits_for_nothing) {
  Script s({reversible("a"), reversible("b")}, Idempotency::barrier);
  s.start();
  s.run(0, Outcome::rejected);

  s.run(1, Outcome::unknown);

  EXPECT_TRUE(s.undoing(1));
}

TEST(Undo, of_a_natural_step_waits_for_an_attempt_that_nobody_answered_though_a_later_one_was_done) {
  Step slow = reversible("a");
  slow.timeout = Millis(60'000);
  Script s({slow, reversible("b", {0})}, Idempotency::natural);
  s.start();
  s.run(0, Outcome::unknown), s.ring(0);
  s.run(0, Outcome::done);

  s.run(1, Outcome::rejected);

  EXPECT_FALSE(s.undoing(0));
  s.ring(0, Direction::undo);
  EXPECT_TRUE(s.undoing(0));
}

TEST(Undo, an_empty_one_is_told_apart) {
  Script s({reversible("a")}, Idempotency::barrier);
  s.start();
  s.command(Verb::cancel);
  s.run(0, Outcome::unknown);
  Reply nothing;
  nothing.outcome = Outcome::done;
  nothing.empty_undo = true;

  s.decide(RepliedEvent{0, Direction::undo, 1, nothing});

  EXPECT_EQ(s.state(0), undo_empty);
  EXPECT_EQ(s.saga.state, SagaState::compensated);
}

TEST(Undo, is_tried_again_by_its_own_policy_and_then_needs_an_operator) {
  Script s({reversible("a"), reversible("b", {0})});
  s.start();
  s.run(0, Outcome::done);
  s.run(1, Outcome::rejected);

  for (int i = 0; i < 2; ++i) s.undo(0, Outcome::transient), s.ring(0, Direction::undo);
  EXPECT_EQ(s.saga.state, SagaState::compensating);
  s.undo(0, Outcome::transient);

  EXPECT_EQ(s.state(0), undo_failed);
  EXPECT_EQ(s.saga.state, SagaState::needs_operator);
  EXPECT_EQ(s.saga.cause.step, 0u);
  EXPECT_EQ(s.saga.cause.error, "it failed");
}

TEST(Undo, whose_request_cannot_be_prepared_needs_an_operator) {
  Script s({reversible("a"), reversible("b", {0})});
  s.throws_on_undo = {0};
  s.start();
  s.run(0, Outcome::done);

  s.run(1, Outcome::rejected);

  EXPECT_EQ(s.state(0), undo_failed);
  EXPECT_EQ(s.saga.cause.error_class, "author_error");
}

TEST(Undo, under_way_goes_on_after_a_restart) {
  Script s({reversible("a"), reversible("b", {0})});
  s.start();
  s.run(0, Outcome::done);
  s.run(1, Outcome::rejected);

  s.crash();

  EXPECT_TRUE(s.undoing(0));
  EXPECT_EQ(s.leg(0, Direction::undo).attempts, 2u);
}

TEST(Undo, a_neighbour_that_fails_while_an_undo_is_stuck_does_not_hold_the_saga_for_ever) {
  Script s({reversible("a"), reversible("b"), reversible("c")});
  s.start();
  s.run(0, Outcome::done);
  s.run(1, Outcome::rejected);
  s.undo(0, Outcome::rejected);
  ASSERT_EQ(s.saga.state, SagaState::needs_operator);

  s.run(2, Outcome::transient);
  s.command(Verb::retry, "a");
  s.undo(0, Outcome::done);

  EXPECT_EQ(s.saga.state, SagaState::compensated);
}

TEST(Rollback, the_preview_names_waves_doubt_and_what_stands_in_the_way) {
  Script s({reversible("a"), reversible("b", {0}), pivot("p", {1})});
  s.start();
  s.run(0, Outcome::done);

  const RollbackPreview back = preview_rollback(s.saga, s.plan);
  ASSERT_TRUE(back.possible);
  ASSERT_EQ(back.undos.size(), 2u);
  EXPECT_EQ(back.undos[0].step, 1u);
  EXPECT_TRUE(back.undos[0].may_not_have_happened);
  EXPECT_EQ(back.undos[1].wave, 2u);
  s.run(1, Outcome::done);

  EXPECT_EQ(preview_rollback(s.saga, s.plan).why_not, "'p' is pivot and may have happened");
}

}  // namespace
}  // namespace amends::engine
