// retry, skip, resolve, abandon: what an operator may do, and what is refused with which sentence.
#include <gtest/gtest.h>

#include "tests/engine/lifecycle/script.hpp"

namespace amends::engine {
namespace {

using enum StepState;

Step once(Step step) {
  step.retry.attempts_max = 1;
  if (step.undo) step.undo->retry.attempts_max = 1;
  return step;
}

// Parked at the retriable `r`, which came to `outcome`.
struct Parked : Script {
  explicit Parked(Outcome outcome, Idempotency idempotency = Idempotency::key)
      : Script({reversible("a"), pivot("p", {0}), once(retriable("r", {1})), engine::read("after", {2})},
               idempotency) {
    start();
    run(0, Outcome::done), run(1, Outcome::done), run(2, outcome);
    EXPECT_EQ(saga.state, SagaState::needs_operator);
  }
};

// Parked at the undo of `a`.
struct UndoParked : Script {
  explicit UndoParked(Outcome outcome, Idempotency idempotency = Idempotency::key)
      : Script({once(reversible("a")), reversible("b", {0}), reversible("c", {1})}, idempotency) {
    start();
    run(0, Outcome::done), run(1, Outcome::rejected), Script::undo(0, outcome);
    EXPECT_EQ(saga.state, SagaState::needs_operator);
  }
};

TEST(Retry, after_a_refusal_asks_with_a_new_key_and_a_new_request) {
  Parked s(Outcome::rejected);
  const std::string refused = s.key(2);

  EXPECT_EQ(s.command(Verb::retry).verdict, Verdict::accepted);

  EXPECT_TRUE(s.asked(2));
  EXPECT_NE(s.key(2), refused);
  EXPECT_EQ(s.leg(2).revision, 2u);
  EXPECT_EQ(s.last.prepares.size(), 1u);
}

TEST(Retry, in_doubt_keeps_the_key) {
  Parked s(Outcome::unknown);
  const std::string key = s.key(2);

  EXPECT_EQ(s.command(Verb::retry, "r").verdict, Verdict::accepted);

  EXPECT_TRUE(s.asked(2));
  EXPECT_EQ(s.key(2), key);
}

TEST(Retry, in_doubt_is_refused_where_the_participant_forgets) {
  Parked s(Outcome::unknown, Idempotency::none);

  EXPECT_EQ(s.command(Verb::retry, "r").sentence,
            "'r' may have happened and its participant does not know the key (any more): resolve it first");

  EXPECT_TRUE(s.last.entries.empty());
}

TEST(Retry, of_a_refusal_that_left_an_earlier_attempt_in_doubt_is_refused) {
  Script s({reversible("a"), pivot("p", {0})}, Idempotency::natural);
  s.start();
  s.run(0, Outcome::done);
  s.run(1, Outcome::unknown), s.ring(1);
  s.run(1, Outcome::rejected);
  ASSERT_EQ(s.saga.state, SagaState::needs_operator);

  EXPECT_EQ(s.command(Verb::retry, "p").sentence,
            "'p' was refused, but an earlier attempt may have happened: resolve it first");
}

TEST(Retry, never_runs_a_step_while_the_saga_is_being_undone) {
  UndoParked s(Outcome::rejected);

  EXPECT_EQ(s.command(Verb::retry, "b").sentence, "the saga is being undone, so 'b' is not tried again");
  EXPECT_EQ(s.command(Verb::retry, "c").verdict, Verdict::refused);
}

TEST(Retry, never_runs_a_step_before_those_that_it_comes_after) {
  Parked s(Outcome::rejected);

  EXPECT_EQ(s.command(Verb::retry, "after").sentence, "'after' is pending, there is nothing to retry");
}

TEST(Retry, of_an_undo_goes_on_with_the_compensation) {
  UndoParked s(Outcome::transient);

  s.command(Verb::retry);
  EXPECT_TRUE(s.undoing(0));
  s.undo(0, Outcome::done);

  EXPECT_EQ(s.saga.state, SagaState::compensated);
}

TEST(Retry, of_two_undos_that_cannot_be_prepared_frees_both) {
  Script s({reversible("a"), reversible("b"), reversible("c", {0, 1})});
  s.throws_on_undo = {0, 1};
  s.start();
  s.run(0, Outcome::done), s.run(1, Outcome::done), s.run(2, Outcome::rejected);
  ASSERT_EQ(s.state(1), undo_failed);
  s.command(Verb::retry, "b");  // now a is asked for too, and fails as well
  ASSERT_EQ(s.saga.state, SagaState::needs_operator);
  s.throws_on_undo.clear();

  for (int i = 0; i < 3 && s.saga.state == SagaState::needs_operator; ++i) s.command(Verb::retry);

  EXPECT_TRUE(s.leg(0, Direction::undo).in_flight && s.leg(1, Direction::undo).in_flight);
}

TEST(Retry, that_cannot_be_prepared_parks_the_saga_or_turns_it_back) {
  Script s({retriable("r"), read("q")});
  s.start();
  s.run(0, Outcome::rejected), s.run(1, Outcome::rejected);
  s.prepares = false;
  s.command(Verb::retry, "q");
  s.command(Verb::retry, "r");

  s.prepare_fails(1);

  EXPECT_EQ(s.state(1), rejected);
  EXPECT_EQ(s.saga.state, SagaState::compensated);
}

TEST(Retry, of_one_step_does_not_spend_the_attempts_of_another) {
  Script s({retriable("r"), retriable("q")});
  s.start();
  for (int i = 0; i < 2; ++i) s.run(0, Outcome::unknown), s.ring(0);
  s.run(0, Outcome::unknown);
  s.run(1, Outcome::rejected);

  s.command(Verb::retry, "q");

  EXPECT_FALSE(s.asked(0));
  EXPECT_EQ(s.saga.state, SagaState::needs_operator);
  EXPECT_EQ(s.saga.cause.step, 0u);
}

TEST(Skip, needs_a_reason_and_goes_on_behind_the_step) {
  Parked s(Outcome::rejected);

  EXPECT_EQ(s.command(Verb::skip, "r", false, "").sentence, "skipping needs a reason");
  EXPECT_EQ(s.command(Verb::skip, "r").verdict, Verdict::accepted);

  EXPECT_EQ(s.state(2), skipped);
  EXPECT_TRUE(s.asked(3));
}

TEST(Skip, of_what_may_have_happened_is_refused) {
  Parked s(Outcome::unknown);

  EXPECT_EQ(s.command(Verb::skip, "r").sentence, "'r' may have happened: resolve it first");
}

TEST(Skip, of_a_step_whose_result_is_used_is_refused) {
  Step user = retriable("user", {1});
  user.uses = {1};
  Script s({pivot("p"), retriable("r", {0}), user});
  s.start();
  s.run(0, Outcome::done), s.run(1, Outcome::rejected);

  EXPECT_EQ(s.command(Verb::skip, "r").sentence,
            "'user' uses the result of 'r': resolve it with a result instead");
}

TEST(Skip, of_an_undo_leaves_the_step_and_ends_the_compensation) {
  UndoParked s(Outcome::rejected);

  s.command(Verb::skip, "a");

  EXPECT_EQ(s.state(0), skipped);
  EXPECT_EQ(s.saga.state, SagaState::compensated);
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

TEST(Abandon, needs_a_reason_stops_at_once_and_undoes_nothing) {
  Script s({reversible("a"), reversible("b", {0})});
  s.start();
  s.run(0, Outcome::done);

  EXPECT_EQ(s.command(Verb::abandon, "", false, "").sentence, "abandoning needs a reason");
  EXPECT_EQ(s.command(Verb::abandon).verdict, Verdict::accepted);

  EXPECT_EQ(s.saga.state, SagaState::abandoned);
  EXPECT_TRUE(s.last.attempts.empty());
}

TEST(Commands, leave_their_entry_before_what_they_caused_and_a_refusal_leaves_none) {
  Parked s(Outcome::rejected);

  EXPECT_EQ(s.command(Verb::retry, "nobody").sentence, "the plan has no step 'nobody'");
  EXPECT_TRUE(s.last.entries.empty());
  s.command(Verb::retry);

  EXPECT_EQ(s.last.entries.front(), Entry(CommandEntry{"c1", Verb::retry, "ann", "evidence", "accepted"}));
}

TEST(Commands, hold_text_that_is_none_and_the_row_reads_back) {
  Parked s(Outcome::rejected);

  s.command(Verb::abandon, "", false,
            std::string("broken \xff and \0 and long ", 25) + std::string(9'000, 'x'));

  const DecodedRow row = decode_row(encode_row(s.last.entries));
  EXPECT_EQ(row.error, "");
  EXPECT_EQ(row.entries, s.last.entries);
  EXPECT_LE(std::get<CommandEntry>(row.entries[0]).reason.size(), error_bytes_max);
}

}  // namespace
}  // namespace amends::engine
