// When a shard looks for what comes due in the store, and for what.
#include "tests/engine/runtime/sleep_fixture.hpp"

namespace amends::engine {
namespace {

struct ShardLook : SleepTest {
  static constexpr Micros a_tick{1};
  const Micros cold_after = ShardOptions{}.cold_after;
};

TEST_F(ShardLook, ItLooksHalfWayToItsHorizonForWhatStandsBehindThat) {
  const WallTime horizon = d.shard->horizon(d.now);
  EXPECT_EQ(horizon, d.now.wall + cold_after);
  d.pass(cold_after / 2 - a_tick);
  EXPECT_FALSE(d.shard->take_look(d.now));
  EXPECT_EQ(d.shard->horizon(d.now), horizon) << "whoever asks later is told the same";
  EXPECT_EQ(d.shard->next_due(d.now), a_tick);
  d.pass(a_tick);

  const auto look = d.shard->take_look(d.now);

  ASSERT_TRUE(look);
  EXPECT_EQ(look->from, horizon + a_tick);
  EXPECT_EQ(look->until, d.now.wall + cold_after);
  EXPECT_EQ(look->shards, std::vector<ShardId>{0});
  EXPECT_EQ(d.shard->horizon(d.now), look->until);
}

TEST_F(ShardLook, TheNextLookBeginsWhereTheLastOneEndedAndNotBeforeThatIsDone) {
  d.pass(cold_after / 2);
  const auto first = d.shard->take_look(d.now);
  ASSERT_TRUE(first);
  d.pass(cold_after);
  EXPECT_FALSE(d.shard->take_look(d.now));

  d.shard->looked();

  const auto second = d.shard->take_look(d.now);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->from, first->until + a_tick);
  EXPECT_EQ(second->until, d.now.wall + cold_after);
}

TEST_F(ShardLook, WhileItsSagasAreReadBackItDoesNotLook) {
  Shard shard({}, {d.plan}, d.entropy, d.observer);
  shard.adopt({1, 0});
  shard.horizon(d.now);
  d.pass(cold_after);
  EXPECT_FALSE(shard.take_look(d.now));

  shard.recovered();

  EXPECT_TRUE(shard.take_look(d.now));
}

TEST_F(ShardLook, ItLooksInEveryShardThatIsItsAlsoWhereThatIsBeingReadBack) {
  Shard shard({.shared = true}, {d.plan}, d.entropy, d.observer);
  shard.adopt({1, 0});
  shard.recovered();
  shard.horizon(d.now);
  d.pass(cold_after);
  EXPECT_FALSE(shard.take_look(d.now)) << "there is none";
  shard.gained({1, 2, 3});
  shard.loaded(2, d.now);
  shard.loaded(3, d.now);
  shard.leave({3}, d.now);
  d.pass(cold_after);

  const auto look = shard.take_look(d.now);

  ASSERT_TRUE(look);
  EXPECT_EQ(look->shards, (std::vector<ShardId>{2, 1}));
}

TEST_F(ShardLook, NoMoreAreSoughtThanItMayBringBackAtOnceAndEachOnlyOnce) {
  ShardOptions options;
  options.sought_max = 2;
  const SagaId one = begin_sleeping(), two = begin_sleeping(), three = begin_sleeping();
  d.reload_anew(options);

  EXPECT_TRUE(d.shard->seek(one));
  EXPECT_TRUE(d.shard->seek(two));
  EXPECT_TRUE(d.shard->seek(one));
  EXPECT_FALSE(d.shard->seek(three));
  d.command(three, Verb::cancel);

  EXPECT_EQ(d.out.reloads, (std::vector<SagaId>{one, two}));
  ASSERT_EQ(d.out.commands.size(), 1u);
  EXPECT_EQ(d.out.commands[0].status, CommandStatus::unavailable);
  d.read_back();
  EXPECT_TRUE(d.shard->seek(three));
}

}  // namespace
}  // namespace amends::engine
