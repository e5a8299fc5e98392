// retry, skip, abandon: what an operator may do, and what is refused with which sentence.
#include <gtest/gtest.h>

#include "tests/engine/lifecycle/parked.hpp"

namespace amends::engine {
namespace {

using enum StepState;

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

TEST(Retry, without_a_name_is_about_the_one_that_waits_not_the_one_that_was_refused) {
  Script s({reversible("a"), pivot("p", {0})});
  s.start();
  s.run(0, Outcome::done), s.run(1, Outcome::rejected), s.undo(0, Outcome::transient);
  ASSERT_EQ(s.saga.cause.step, 1u);

  EXPECT_EQ(s.command(Verb::retry).verdict, Verdict::accepted);

  EXPECT_TRUE(s.undoing(0));
}

TEST(Retry, names_the_candidates_when_several_wait) {
  Script s({reversible("a"), reversible("b")});
  s.start();
  s.run(0, Outcome::transient), s.run(1, Outcome::transient);

  EXPECT_EQ(s.command(Verb::retry).sentence, "2 steps may be meant, name one: 'a', 'b'");
}

TEST(Commands, take_an_undos_name_once_it_has_begun) {
  Script s({reversible("a"), pivot("p", {0})});
  s.start();
  s.run(0, Outcome::done);
  EXPECT_EQ(s.command(Verb::retry, "undo-a").sentence, "'undo-a', the undo of 'a', has not begun or is over");
  s.run(1, Outcome::rejected), s.undo(0, Outcome::rejected);

  EXPECT_EQ(s.command(Verb::retry, "undo-a").verdict, Verdict::accepted);

  EXPECT_TRUE(s.undoing(0));
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

  EXPECT_EQ(s.state(0), undo_skipped) << "it happened, and is left standing";
  EXPECT_EQ(s.saga.steps[0].act, (OperatorAct{Verb::skip, Direction::undo, "ann", "evidence"}));
  EXPECT_EQ(s.saga.state, SagaState::compensated);
  EXPECT_NE(s.saga.cause.step, 0u) << "what turned it back is its cause again";
  EXPECT_EQ(s.saga.cause, s.saga.origin);
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

  EXPECT_EQ(s.last.entries.front(),
            Entry(CommandEntry{"c1", Verb::retry, "ann", "evidence", "accepted", 2, Direction::run}));
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
