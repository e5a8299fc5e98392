// What the four outcomes of an attempt come to, and how they join.
#include <gtest/gtest.h>

#include "tests/engine/lifecycle/script.hpp"

namespace amends::engine {
namespace {

using enum StepState;

TEST(Outcomes, done_schedules_the_next_step_and_the_last_one_completes_the_saga) {
  Script s({reversible("a"), reversible("b", {0})});

  s.start();
  EXPECT_TRUE(s.asked(0));
  s.run(0, Outcome::done);
  EXPECT_TRUE(s.asked(1));
  s.run(1, Outcome::done);

  EXPECT_EQ(s.saga.state, SagaState::completed);
  EXPECT_EQ(s.saga.steps[0].result, R"("made")");
}

TEST(Outcomes, a_refusal_before_the_pivot_undoes_what_was_done) {
  Script s({reversible("a"), reversible("b", {0})});
  s.start();
  s.run(0, Outcome::done);

  s.run(1, Outcome::rejected);

  EXPECT_EQ(s.saga.state, SagaState::compensating);
  EXPECT_EQ(s.state(1), rejected);
  EXPECT_TRUE(s.undoing(0));
  s.undo(0, Outcome::done);
  EXPECT_EQ(s.saga.state, SagaState::compensated);
  EXPECT_EQ(s.saga.cause.step, 1u);
}

TEST(Outcomes, a_refusal_made_by_our_own_side_ends_no_doubt_so_the_step_is_undone) {
  for (const Idempotency idempotency : {Idempotency::key, Idempotency::barrier}) {
    Script s({reversible("a"), pivot("p", {0})}, idempotency);
    s.start();
    s.run(0, Outcome::unknown), s.ring(0);

    s.refused_here(0);
    if (s.leg(0, Direction::undo).attempts == 0) s.ring(0, Direction::undo);

    EXPECT_EQ(s.saga.state, SagaState::compensating);
    EXPECT_TRUE(s.undoing(0));
  }
}

TEST(Outcomes, a_refusal_made_by_our_own_side_before_any_doubt_is_a_refusal) {
  Script s({reversible("a"), pivot("p", {0})});
  s.start();

  s.refused_here(0);

  EXPECT_EQ(s.saga.state, SagaState::compensated);
  EXPECT_EQ(s.state(0), rejected);
}

TEST(Outcomes, a_transient_failure_is_tried_again_with_the_same_key) {
  Script s({reversible("a")});
  s.start();
  const std::string key = s.key(0);

  s.run(0, Outcome::transient);
  EXPECT_EQ(s.state(0), backing_off);
  EXPECT_FALSE(s.asked(0));
  s.ring(0);

  EXPECT_TRUE(s.asked(0));
  EXPECT_EQ(s.key(0), key);
  EXPECT_EQ(s.leg(0).attempts, 2u);
}

TEST(Outcomes, spent_transient_attempts_leave_nothing_to_undo) {
  Script s({reversible("a")});
  s.start();

  for (int i = 0; i < 2; ++i) s.run(0, Outcome::transient), s.ring(0);
  s.run(0, Outcome::transient);

  EXPECT_EQ(s.saga.state, SagaState::compensated);
  EXPECT_EQ(s.leg(0, Direction::undo).attempts, 0u);
}

TEST(Outcomes, spent_unknown_attempts_are_undone_without_a_result) {
  Script s({reversible("a")});
  s.start();

  for (int i = 0; i < 2; ++i) s.run(0, Outcome::unknown), s.ring(0);
  s.run(0, Outcome::unknown);
  EXPECT_EQ(s.saga.state, SagaState::compensating);
  s.ring(0, Direction::undo);

  EXPECT_TRUE(s.undoing(0));
  EXPECT_FALSE(s.saga.steps[0].result.has_value());
}

TEST(Outcomes, a_later_transient_clears_no_doubt) {
  Script s({reversible("a")});
  s.start();

  s.run(0, Outcome::unknown), s.ring(0);
  s.run(0, Outcome::transient), s.ring(0);
  s.run(0, Outcome::transient);

  EXPECT_TRUE(s.leg(0).in_doubt);
  EXPECT_EQ(s.saga.state, SagaState::compensating);
}

class RefusalAfterDoubt : public ::testing::TestWithParam<std::pair<Idempotency, bool>> {};

TEST_P(RefusalAfterDoubt, clears_it_only_where_the_participant_knows_the_key) {
  Script s({reversible("a")}, GetParam().first);
  s.start();
  s.run(0, Outcome::unknown), s.ring(0);

  s.run(0, Outcome::rejected);

  EXPECT_EQ(s.leg(0).in_doubt, !GetParam().second);
  EXPECT_EQ(s.saga.state, GetParam().second ? SagaState::compensated : SagaState::compensating);
}

INSTANTIATE_TEST_SUITE_P(Facts, RefusalAfterDoubt,
                         ::testing::Values(std::pair{Idempotency::key, true},
                                           std::pair{Idempotency::barrier, true},
                                           std::pair{Idempotency::natural, false}));

TEST(Outcomes, without_idempotency_an_unknown_attempt_is_never_sent_again) {
  Script s({reversible("a")}, Idempotency::none);
  s.start();

  s.run(0, Outcome::unknown);

  EXPECT_EQ(s.saga.state, SagaState::compensating);
  s.ring(0, Direction::undo);
  EXPECT_EQ(s.leg(0).attempts, 1u);
  EXPECT_TRUE(s.undoing(0));
}

TEST(Outcomes, a_read_is_asked_again_whatever_the_participant_keeps) {
  Script s({read("a")}, Idempotency::none);
  s.start();

  s.run(0, Outcome::unknown), s.ring(0);

  EXPECT_TRUE(s.asked(0));
}

TEST(Outcomes, an_attempt_in_doubt_is_not_sent_after_the_participant_forgot_its_key) {
  Script s({reversible("a")});
  s.facts.remembers = Millis(6'000);
  s.start();
  s.pass(Millis(5'900));
  s.run(0, Outcome::unknown);

  s.pass(Millis(5'000));  // the timer rings late
  s.ring(0);

  EXPECT_FALSE(s.asked(0));
  EXPECT_EQ(s.saga.state, SagaState::compensating);
}

TEST(Outcomes, a_late_reply_is_journalled_and_never_used) {
  Script s({reversible("a")});
  s.start();
  s.run(0, Outcome::unknown), s.ring(0);

  s.reply(0, Direction::run, Outcome::done, 1);

  EXPECT_EQ(s.state(0), running);
  ASSERT_EQ(s.last.entries.size(), 1u);
  EXPECT_TRUE(std::holds_alternative<LateEntry>(s.last.entries[0]));
}

TEST(Outcomes, a_timer_that_rings_early_is_set_again) {
  Script s({reversible("a")});
  s.start();
  s.run(0, Outcome::transient);

  s.decide(WokeEvent{0, Direction::run});

  EXPECT_FALSE(s.asked(0));
  ASSERT_EQ(s.last.timers.size(), 1u);
  EXPECT_EQ(s.last.timers[0].at, s.leg(0).wake_at);
}

TEST(Outcomes, an_attempt_that_our_restart_lost_is_not_counted_and_sent_again_at_once) {
  Step only_once = reversible("a");
  only_once.retry.attempts_max = 1;
  Script s({only_once});
  s.start();

  s.crash();

  EXPECT_TRUE(s.asked(0));
  EXPECT_TRUE(s.leg(0).in_doubt);
}

TEST(Outcomes, what_an_author_throws_before_the_pivot_counts_as_a_refusal) {
  Script s({reversible("a"), reversible("b", {0})});
  s.start();
  s.prepares = false;
  s.run(0, Outcome::done);

  s.prepare_fails(1);

  EXPECT_EQ(s.state(1), rejected);
  EXPECT_EQ(s.saga.state, SagaState::compensating);
}

TEST(Outcomes, a_saga_that_is_over_absorbs) {
  Script s({reversible("a")});
  s.start();
  s.run(0, Outcome::done);

  s.reply(0, Direction::run, Outcome::rejected, 1);
  EXPECT_TRUE(s.last.entries.empty());
  EXPECT_EQ(s.command(Verb::cancel).sentence, "the saga is over: completed");
  EXPECT_TRUE(s.last.entries.empty());
}

}  // namespace
}  // namespace amends::engine
