// A shard that comes, is given away, and comes again: what goes on in it, and who hears what.
#include "tests/engine/runtime/tenure_fixture.hpp"

namespace amends::engine {
namespace {

TEST_F(ShardTenure, StartsGoToWhatIsOurs) {
  start();
  EXPECT_EQ(out.starts.at(0).status, StartStatus::unavailable);

  gain();

  EXPECT_EQ(begin().saga.shard(), home);
}

TEST_F(ShardTenure, WhileItLeavesAReplyIsJournalledAndNothingFollows) {
  gain();
  const Attempt attempt = begin();
  shard->leave({home}, now);
  EXPECT_TRUE(shard->drained(now).empty()) << "an attempt is under way";

  answer(attempt);
  EXPECT_TRUE(out.prepares.empty());
  EXPECT_TRUE(shard->drained(now).empty()) << "its reply is not written";
  flush();

  EXPECT_EQ(store.read_journal(attempt.saga, 0, 10).size(), 2u);
  EXPECT_EQ(shard->drained(now), std::vector<ShardId>{home});
  EXPECT_TRUE(out.attempts.empty());
}

TEST_F(ShardTenure, WhileItLeavesAnAttemptWhoseIntentLandsIsNotSent) {
  gain();
  start();
  prepared(only_job(), "{}");
  const Batch* batch = shard->take_batch(now);
  shard->leave({home}, now);

  shard->committed(store.commit(*batch), now);
  collect();

  EXPECT_EQ(out.starts.at(0).status, StartStatus::created);
  EXPECT_TRUE(out.attempts.empty());
  EXPECT_EQ(shard->drained(now), std::vector<ShardId>{home});
}

TEST_F(ShardTenure, WhileItLeavesAnAuthorsAnswerIsLeftToTheNextOwner) {
  gain();
  start();
  const PrepareJob job = only_job();
  pass(ShardOptions{}.hold_max);
  flush();
  shard->leave({home}, now);

  prepared(job, "{}");

  EXPECT_FALSE(flush());
  EXPECT_EQ(shard->drained(now), std::vector<ShardId>{home});
}

TEST_F(ShardTenure, WhileItLeavesCommandsAndStartsAreForOthers) {
  gain();
  const Attempt attempt = begin();
  shard->leave({home}, now);

  cancel(attempt.saga);
  start();

  EXPECT_EQ(out.commands.at(0).status, CommandStatus::elsewhere);
  EXPECT_EQ(out.starts.at(0).status, StartStatus::unavailable);
  EXPECT_FALSE(flush());
}

TEST_F(ShardTenure, AnAttemptThatIsNotAnsweredHoldsItNoLongerThanItsTime) {
  gain();
  begin();
  shard->leave({home}, now);

  pass(leave_max - Micros(1));
  EXPECT_TRUE(shard->drained(now).empty());
  pass(Micros(1));

  EXPECT_EQ(shard->drained(now), std::vector<ShardId>{home});
}

TEST_F(ShardTenure, WhoWaitsForWhatIsDroppedHearsSo) {
  gain();
  const Attempt attempt = begin();
  start();
  cancel(attempt.saga);
  shard->leave({home}, now);
  pass(leave_max);

  shard->drop({home});
  collect();

  EXPECT_EQ(out.starts.at(0).status, StartStatus::unavailable);
  EXPECT_EQ(out.commands.at(0).status, CommandStatus::unavailable);
  EXPECT_EQ(shard->live(), 0u);
  EXPECT_FALSE(flush());
  cancel(attempt.saga);
  EXPECT_EQ(out.commands.at(1).status, CommandStatus::elsewhere);
}

TEST_F(ShardTenure, OneThatComesAgainGoesOnFromWhatWasWritten) {
  gain();
  const Attempt first = begin();
  shard->leave({home}, now);
  pass(leave_max);
  shard->drop({home});

  gain();
  answer(first);  // late: its attempt counts as lost
  flush();

  ASSERT_EQ(out.attempts.size(), 1u);
  EXPECT_EQ(out.attempts[0].key, first.key);
  EXPECT_EQ(out.attempts[0].number, 2u);
  answer(out.attempts[0]);
  EXPECT_EQ(only_job().leg.step, 1u);
}

TEST_F(ShardTenure, OneThatComesAgainDoesNotUseWhatWasAskedForBefore) {
  gain();
  start();
  const PrepareJob before = only_job();
  pass(ShardOptions{}.hold_max);
  flush();
  give_away();

  gain();
  const PrepareJob after = only_job();
  prepared(before, R"({"asked":"before"})");
  EXPECT_FALSE(flush());
  prepared(after, R"({"asked":"after"})");
  flush();

  ASSERT_EQ(out.attempts.size(), 1u);
  EXPECT_EQ(out.attempts[0].request->body, R"({"asked":"after"})");
}

TEST_F(ShardTenure, WhatWasReadFromTheStoreBeforeItCameIsNotDecided) {
  gain();
  const Attempt attempt = begin();
  CommandCall call{1, attempt.saga, {}, Posted{SagaId::make(now.wall, home, 1), now.elapsed - Micros(1)}};
  call.command.command_id = "c";

  shard->command(call, now);  // its last owner may have decided it
  collect();
  EXPECT_EQ(out.commands.at(0).status, CommandStatus::unavailable);
  call.posted->read_at = now.elapsed;
  shard->command(call, now);
  flush();

  EXPECT_EQ(out.commands.at(1).status, CommandStatus::answered);
}

TEST_F(ShardTenure, OneThatIsTakenAwayWhileItIsReadBackIsNotOurs) {
  gain();
  const Attempt attempt = begin();
  shard->leave({home}, now);
  pass(leave_max);
  shard->drop({home});
  auto page = store.load_sagas({attempt.saga});
  shard->gained({home});

  shard->leave({home}, now);
  EXPECT_EQ(shard->drained(now), std::vector<ShardId>{home});
  shard->drop({home});
  shard->recover(std::move(page), now);
  shard->loaded(home, now);

  EXPECT_EQ(shard->live(), 0u);
  EXPECT_EQ(shard->tenures().of(home), Tenure::none);
}

}  // namespace
}  // namespace amends::engine
