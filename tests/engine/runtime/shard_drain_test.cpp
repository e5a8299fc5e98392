// What a shard that is given away still waits for, and what is left of it once it is dropped.
#include "tests/engine/runtime/tenure_fixture.hpp"

namespace amends::engine {
namespace {

struct ShardDrain : ShardTenure {
  ShardDrain() { gain(); }

  // Decided without a row: only its answer is to be written.
  CommandCall owe() {
    const CommandCall call = posted(SagaId::make(now.wall, home, 77), 78);
    shard->command(call, now);
    SavedSaga nothing;
    nothing.row.id = call.saga;
    shard->reloaded(std::move(nothing), now);
    return call;
  }
  SagaId refuse_as_invalid() {
    StartCall call;
    call.token = ++token;
    call.saga = SagaId::make(now.wall, home, 87);
    call.posted = Posted{SagaId::make(now.wall, home, 88), now.elapsed};
    call.invalid = "it will never work";
    store.post_command({call.posted->command, "start", *call.saga, now.wall, "{}"});
    shard->start(call, now);
    return call.posted->command;
  }
};

TEST_F(ShardDrain, ItWaitsForAFlushThatIsUnderWayAndForOneThatIsTriedAgain) {
  const Attempt attempt = begin();
  shard->leave({home}, now);
  answer(attempt);
  refuse("io");
  EXPECT_FALSE(is_drained()) << "it is tried again";
  now.elapsed += ShardOptions{}.retry_first;
  const Batch* batch = shard->take_batch(now);
  ASSERT_TRUE(batch);
  EXPECT_FALSE(is_drained()) << "it is under way";

  shard->committed(store.commit(*batch), now);

  EXPECT_TRUE(is_drained());
}

TEST_F(ShardDrain, ItWaitsForAnswersThatAreOwedThroughTheStore) {
  const CommandCall over = owe();
  const SagaId invalid = refuse_as_invalid();
  shard->leave({home}, now);
  EXPECT_FALSE(is_drained());

  ASSERT_TRUE(flush());

  EXPECT_TRUE(is_drained());
  EXPECT_EQ(verdict(over), "already_over");
  EXPECT_EQ(store.find_done({invalid}).at(0).verdict, "invalid");
  ASSERT_EQ(out.commands.size(), 1u) << "whoever keeps the row in hand hears of it";
  EXPECT_EQ(out.commands[0].token, over.token);
}

TEST_F(ShardDrain, EitherOfTheAnswersAloneHoldsIt) {
  refuse_as_invalid();
  shard->leave({home}, now);
  EXPECT_FALSE(is_drained());
  flush();
  shard->drop({home});

  gain();
  owe();
  shard->leave({home}, now);

  EXPECT_FALSE(is_drained());
}

TEST_F(ShardDrain, ItWaitsForAnAttemptThatWasTooLateToBeSent) {
  start();
  prepared(only_job(), "{}");
  const Batch* batch = shard->take_batch(now);
  now.wall += Millis(3'600'000);  // the flush took longer than the attempt had
  shard->committed(store.commit(*batch), now);
  collect();
  ASSERT_TRUE(out.attempts.empty());
  shard->leave({home}, now);
  EXPECT_FALSE(is_drained());

  pass(Micros(0));
  flush();

  EXPECT_TRUE(is_drained());
  EXPECT_EQ(store.read_journal(out.starts.at(0).saga, 0, 10).size(), 2u);
}

TEST_F(ShardDrain, WhatWasToBeTriedAgainIsNotWrittenOnceItIsDropped) {
  const Attempt attempt = begin();
  answer(attempt);
  pass(ShardOptions{}.hold_max);
  refuse("io");
  drop();
  now.elapsed += ShardOptions{}.retry_max;

  const Batch* batch = shard->take_batch(now);

  ASSERT_TRUE(batch) << "an empty one asks whether the store takes flushes again";
  EXPECT_TRUE(batch->empty());
  shard->committed(store.commit(*batch), now);
  EXPECT_FALSE(shard->has_work());
  EXPECT_EQ(store.read_journal(attempt.saga, 0, 10).size(), 1u);
}

TEST_F(ShardDrain, WhoWaitsForWhatWasToBeTriedAgainHearsThatItIsDropped) {
  const Attempt attempt = begin();
  start();
  start();
  cancel(attempt.saga);
  pass(ShardOptions{}.hold_max);
  refuse("data");  // all of them, in halves from now on
  ASSERT_TRUE(out.starts.empty());

  drop();

  ASSERT_EQ(out.starts.size(), 2u);
  EXPECT_EQ(out.starts[0].status, StartStatus::unavailable);
  ASSERT_EQ(out.commands.size(), 1u);
  EXPECT_EQ(out.commands[0].status, CommandStatus::unavailable);
  EXPECT_FALSE(flush());
}

TEST_F(ShardDrain, WhatIsRefusedAfterItWasDroppedIsNotTriedAgainAndItsCallersHear) {
  start();
  pass(ShardOptions{}.hold_max);
  ASSERT_TRUE(shard->take_batch(now));
  drop();
  EXPECT_TRUE(out.starts.empty()) << "it may land";

  shard->committed({CommitStatus::refused, {}, "io", "no"}, now);
  collect();

  ASSERT_EQ(out.starts.size(), 1u);
  EXPECT_EQ(out.starts[0].sentence, "the saga goes on in another engine");
  now.elapsed += ShardOptions{}.retry_max;
  const Batch* batch = shard->take_batch(now);
  EXPECT_TRUE(!batch || batch->empty());
}

TEST_F(ShardDrain, AnswersThatAreOwedAreTheNextOwnersOnceItIsDropped) {
  const CommandCall over = owe();
  const SagaId invalid = refuse_as_invalid();

  drop();

  ASSERT_EQ(out.commands.size(), 1u);
  EXPECT_EQ(out.commands[0].status, CommandStatus::unavailable);
  EXPECT_FALSE(flush());
  EXPECT_EQ(verdict(over), "");
  EXPECT_TRUE(store.find_done({invalid}).empty());
}

TEST_F(ShardDrain, WhatWasAboutToBeHandedOutStaysWhenItIsDropped) {
  const Attempt attempt = begin();
  shard->start({++token, plan, "", "h", R"({"id":1})", {}}, now);  // asks for its first request
  shard->seek(SagaId::make(now.wall, home, 7));
  shard->drop({home});
  collect();
  EXPECT_TRUE(out.prepares.empty());
  EXPECT_EQ(shard->take_outputs().reloads.size(), 0u);

  gain();  // it sends again what was under way
  const Batch* batch = shard->take_batch(now);
  ASSERT_TRUE(batch);
  shard->committed(store.commit(*batch), now);
  shard->drop({home});
  collect();

  EXPECT_TRUE(out.attempts.empty());
}

TEST_F(ShardDrain, OneThatIsSetAsideGoesWithItsShardAndItsRowIsWrittenBefore) {
  const Attempt attempt = begin();
  drop();
  ShardOptions options;
  options.shared = true;
  options.leave_max = leave_max;
  shard = std::make_unique<Shard>(options, std::vector<PlanPtr>{}, entropy, observer);
  shard->adopt(*store.take_over("a", now.wall).writer);
  shard->recovered();
  gain();
  ASSERT_TRUE(shard->is_live(attempt.saga));
  shard->leave({home}, now);
  EXPECT_FALSE(is_drained()) << "people are to see why it does not move";

  shard->drop({home});

  EXPECT_FALSE(shard->is_live(attempt.saga));
  EXPECT_FALSE(flush());
  gain();
  flush();
  EXPECT_EQ(store.find_saga(attempt.saga)->error_class, "definition_missing");
}

TEST_F(ShardDrain, LeavingTwiceGivesItNoMoreTimeAndWhatIsNotOursDoesNotLeave) {
  begin();
  shard->leave({home, 3}, now);
  EXPECT_EQ(shard->tenures().of(3), Tenure::none);
  pass(leave_max / 2);

  shard->leave({home}, now);
  pass(leave_max / 2);

  EXPECT_TRUE(is_drained());
}

TEST_F(ShardDrain, OneThatIsDeclaredDeadTellsItsCallersAndForgetsAllButNotUnderAFlush) {
  start();
  pass(ShardOptions{}.hold_max);
  const Batch* batch = shard->take_batch(now);
  start();
  shard->fence();
  EXPECT_EQ(shard->phase(), Shard::Phase::working) << "its flush will say so";
  shard->committed(store.commit(*batch), now);
  collect();

  shard->fence();
  collect();

  EXPECT_EQ(shard->phase(), Shard::Phase::fenced);
  EXPECT_EQ(shard->live(), 0u);
  ASSERT_EQ(out.starts.size(), 2u);
  EXPECT_EQ(out.starts[0].status, StartStatus::created);
  EXPECT_EQ(out.starts[1].status, StartStatus::unavailable);
  EXPECT_TRUE(out.prepares.size() <= 2u);
  EXPECT_TRUE(shard->tenures().ours().empty());
}

TEST_F(ShardDrain, TimersOfWhatIsDroppedDoNotPileUp) {
  plan = order_plan();
  for (int round = 0; round < 40; ++round) {
    for (int i = 0; i < 50; ++i) {
      const Attempt attempt = begin();
      Reply down;
      down.outcome = Outcome::transient;
      shard->replied({attempt.saga, attempt.step, attempt.direction, attempt.number, std::move(down)}, now);
      collect();
    }
    flush();
    shard->leave({home}, now);
    shard->drop({home});
    shard->gained({home});
    shard->loaded(home, now);
  }

  EXPECT_EQ(shard->live(), 0u);
  EXPECT_LT(shard->timers(), 1'500u);
}

}  // namespace
}  // namespace amends::engine
