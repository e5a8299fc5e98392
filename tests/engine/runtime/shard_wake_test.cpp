// A command wakes a saga that sleeps, and every one is answered, whatever comes between.
#include "tests/engine/runtime/sleep_fixture.hpp"

namespace amends::engine {
namespace {

TEST_F(SleepTest, ACommandWakesItAndItSleepsAgainWhenThatWasRefused) {
  const SagaId saga = begin_sleeping();
  d.command(saga, Verb::skip);
  EXPECT_TRUE(d.out.commands.empty());
  EXPECT_TRUE(d.shard->is_live(saga));

  d.read_back();

  ASSERT_EQ(d.out.commands.size(), 1u);
  EXPECT_EQ(d.out.commands[0].answer.verdict, Verdict::refused);
  d.pass(Millis(0));
  EXPECT_FALSE(d.shard->is_live(saga));
}

TEST_F(SleepTest, CommandsThatMeetBeforeItIsBackAreAllObeyedInTheirOrder) {
  const SagaId saga = begin_sleeping();
  d.command(saga, Verb::retry);
  d.command(saga, Verb::retry);
  d.command(saga, Verb::abandon);
  EXPECT_EQ(d.out.reloads.size(), 1u);

  d.read_back();
  d.flush_all();

  ASSERT_EQ(d.out.commands.size(), 3u);
  EXPECT_EQ(d.out.commands[0].answer.verdict, Verdict::accepted);
  EXPECT_EQ(d.out.commands[1].answer.verdict, Verdict::refused) << "it is in flight";
  EXPECT_EQ(d.out.commands[2].answer.verdict, Verdict::accepted);
  EXPECT_EQ(row(saga).state, "abandoned");
}

TEST_F(SleepTest, OneThatIsMovedBeforeItsTimeIsNotBelievedAsleepAfterACrash) {
  const SagaId saga = begin_sleeping();
  d.command(saga, Verb::retry);
  d.read_back();
  d.flush_all();
  EXPECT_FALSE(row(saga).wake_at) << "its attempt is under way";
  d.expect_rows_are_folds();

  d.out.attempts.clear();
  d.reload_anew();
  d.flush_all();

  EXPECT_EQ(d.only_attempt().number, 3u);
}

TEST_F(SleepTest, AParkedOneIsRetried) {
  const SagaId saga = begin_parked();
  d.pass(Millis(0));
  d.command(saga, Verb::retry);
  d.read_back();
  d.prepare_all();
  d.flush_all();

  EXPECT_EQ(d.out.commands.back().answer.verdict, Verdict::accepted);
  d.answer(d.only_attempt(), d.done());
  d.run_to_end();
  EXPECT_EQ(row(saga).state, "completed");
}

TEST_F(SleepTest, WhatIsOverOrWasNeverThereIsAnswered) {
  const SagaId unknown = SagaId::make(d.now.wall, 0, 99);
  d.command(unknown, Verb::cancel);
  d.read_back();

  EXPECT_EQ(d.out.commands.back().status, CommandStatus::not_live);
  EXPECT_FALSE(d.shard->is_live(unknown));
}

TEST_F(SleepTest, TooManyThatAreSoughtAreRefused) {
  ShardOptions options;
  options.sought_max = 2;
  ShardDriver narrow({order_plan()}, options);
  for (std::uint64_t i = 0; i < 3; ++i) narrow.command(SagaId::make(d.now.wall, 0, i), Verb::cancel);

  EXPECT_EQ(narrow.out.reloads.size(), 2u);
  ASSERT_EQ(narrow.out.commands.size(), 1u);
  EXPECT_EQ(narrow.out.commands[0].status, CommandStatus::unavailable);
}

TEST_F(SleepTest, OneThatComesDueWhileItIsSoughtIsThereOnce) {
  const SagaId saga = begin_sleeping();
  d.pass(*row(saga).wake_at - d.now.wall - minute / 2);
  d.command(saga, Verb::retry);
  d.look();
  EXPECT_EQ(d.shard->live(), 1u);
  d.read_back();
  d.flush_all();

  EXPECT_EQ(d.only_attempt().number, 2u);
  EXPECT_EQ(d.shard->live(), 1u);
  d.look();
  EXPECT_EQ(d.shard->live(), 1u);
}

TEST_F(SleepTest, WhoAskedForItHearsWhenTheStoreIsInDoubt) {
  const SagaId saga = begin_sleeping();
  d.command(saga, Verb::retry);
  d.start("k");
  d.prepare_all();
  d.store.fates = {ScriptedStore::Fate::lost};
  d.flush();

  EXPECT_EQ(d.out.commands.back().status, CommandStatus::unavailable);
  d.resolve();
  d.read_back();
  EXPECT_FALSE(d.shard->is_live(saga));
  EXPECT_EQ(d.out.commands.size(), 1u);
}

TEST(ShardSleep, WhoAsksForOneOfAShardThatGoesHearsThatItIsElsewhere) {
  CountingEntropy entropy;
  QuietObserver observer;
  ShardOptions options;
  options.shared = true;
  Shard shard(options, {order_plan()}, entropy, observer);
  const Now now{from_micros(1'700'000'000'000'000), Elapsed(1'000'000)};
  shard.adopt({1, 0});
  shard.recovered();
  shard.gained({3, 4});
  shard.loaded(3, now);
  shard.loaded(4, now);
  const SagaId one = SagaId::make(now.wall, 3, 1), other = SagaId::make(now.wall, 4, 2);
  shard.command({1, one, {"c", Verb::retry, "ann", "", "", false, {}}}, now);
  shard.command({2, other, {"c", Verb::retry, "ann", "", "", false, {}}}, now);
  EXPECT_EQ(shard.take_outputs().reloads.size(), 2u);

  shard.leave({3, 4}, now);
  SavedSaga nothing;
  nothing.row.id = other;
  shard.reloaded(std::move(nothing), now);
  shard.drop({3, 4});

  const Outputs out = shard.take_outputs();
  ASSERT_EQ(out.commands.size(), 2u);
  for (const CommandReply& reply : out.commands) EXPECT_EQ(reply.status, CommandStatus::elsewhere);
  EXPECT_FALSE(shard.is_live(one));
}

}  // namespace
}  // namespace amends::engine
