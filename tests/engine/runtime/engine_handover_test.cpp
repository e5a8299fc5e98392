// Shards that go from one engine to another, while the lease is long: what hands them over, and what an
// engine keeps of them.
#include <set>

#include "tests/engine/runtime/handover_fixture.hpp"

namespace amends::engine {
namespace {

constexpr std::size_t all = 8, half = all / 2;

struct HandoverTest : testing::Test {
  std::shared_ptr<memory::Tables> tables = std::make_shared<memory::Tables>(all);
  HandoverMember a{tables, "a"}, b{tables, "b"};

  ~HandoverTest() override {
    a.answer_all();
    b.answer_all();
  }
};

TEST_F(HandoverTest, WhatANeighbourLeavesIsTakenAtItsHint) {
  a.join();
  b.join();
  EXPECT_EQ(b.shards(), 0u);

  a.engine->stop(patience);

  EXPECT_TRUE(b.await_shards(all));
}

TEST_F(HandoverTest, NothingStaysOfWhatWasGivenAway) {
  a.join(Millis(0));
  const std::vector<SagaId> sagas = a.start_everywhere(all);
  b.join();

  a.store.hint();

  ASSERT_TRUE(a.await([&] { return a.shards() == half && a.leaving() == 0; }));
  ASSERT_TRUE(b.await_shards(half));
  const auto kept = static_cast<std::size_t>(
      std::count_if(sagas.begin(), sagas.end(), [&](const SagaId& saga) { return a.is_ours(saga); }));
  EXPECT_TRUE(a.await([&] { return a.observer.metrics.live == kept; })) << a.observer.metrics.live;
  for (const Attempt& attempt : a.adapter.sent)
    EXPECT_EQ(attempt.may_be_sent(), a.is_ours(attempt.saga)) << attempt.saga.shard();
  ASSERT_TRUE(a.tend_again());
  EXPECT_EQ(a.observer.said(), "");
  for (const SagaId& saga : sagas) EXPECT_TRUE(a.is_ours(saga) || b.await_state(saga, "completed"));
}

TEST_F(HandoverTest, WhoWaitsForASagaThatIsGivenAwayHearsSo) {
  a.join(Millis(0));
  std::map<SagaId, std::future<WaitOutcome>> waits;
  for (const SagaId& saga : a.start_everywhere(all)) waits.emplace(saga, a.wait_for(saga));
  b.join();

  a.store.hint();

  ASSERT_TRUE(b.await_shards(half));
  for (auto& [saga, wait] : waits)
    EXPECT_TRUE(a.is_ours(saga) || is_heard(wait, WaitOutcome::elsewhere)) << saga.shard();
}

TEST_F(HandoverTest, WhatIsOnItsWayIsNotGivenAwayTwice) {
  a.join();
  a.start_everywhere(all);
  b.join();

  for (int i = 0; i < 3; ++i) ASSERT_TRUE(a.tend_again());

  EXPECT_EQ(a.shards(), half);
  EXPECT_EQ(a.leaving(), half);
  EXPECT_EQ(a.engine->owned()->engines, 2u);
}

// The store answered before it heard that the shards are given up.
TEST_F(HandoverTest, WhatIsBeingGivenUpIsNeitherTakenBackNorMissedAmongWhatIsTooMuch) {
  a.join();
  a.start_everywhere(all);
  b.join();
  ASSERT_TRUE(a.tend_again());
  ASSERT_EQ(a.leaving(), half);
  const int before = a.store.tends;
  a.store.holding_tends = true;
  a.store.hint();
  ASSERT_TRUE(a.await([&] { return a.store.tends > before; }));
  a.moved.pass(2 * hour);
  ASSERT_TRUE(a.await([&] { return a.leaving() == 0; }));

  a.store.release(a.store.holding_tends);

  ASSERT_TRUE(b.await_shards(half));
  ASSERT_TRUE(a.tend_again());
  EXPECT_EQ(a.shards(), half);
  EXPECT_EQ(a.leaving(), 0u);
  EXPECT_EQ(a.observer.said(), "");
}

TEST_F(HandoverTest, GivingUpIsTriedAgainUntilTheStoreTakesIt) {
  a.join();
  a.store.failing_give_ups = 2;
  b.join();

  a.store.hint();

  EXPECT_TRUE(b.await_shards(half));
  EXPECT_TRUE(a.await_shards(half));
  a.engine->stop(patience);
  EXPECT_TRUE(b.await_shards(all));
  b.engine->stop(patience);
}

TEST_F(HandoverTest, OneThatIsDeclaredDeadWhileItGivesAwayMayHaveThoseShardsAgain) {
  a.join();
  a.store.failing_class = "fenced";
  a.store.failing_give_ups = 1;
  b.join();

  a.store.hint();

  ASSERT_TRUE(a.await([&] { return a.store.take_overs == 2; }));
  ASSERT_TRUE(a.await_shards(all));
  a.store.hint();
  ASSERT_TRUE(b.await_shards(half));
  b.engine->stop(patience);
  EXPECT_TRUE(a.await_shards(all));
}

TEST_F(HandoverTest, WhatSomebodyTookByHandIsDroppedAndSaid) {
  a.join();
  const std::vector<SagaId> sagas = a.start_everywhere(all);
  std::map<SagaId, std::future<WaitOutcome>> waits;
  for (const SagaId& saga : sagas) waits.emplace(saga, a.wait_for(saga));
  a.store.taken_by_hand = 3;

  ASSERT_TRUE(a.tend_again());

  EXPECT_EQ(a.shards(), all - 3);
  EXPECT_TRUE(a.said("gave 3 of this engine's shards to others"));
  for (auto& [saga, wait] : waits)
    EXPECT_TRUE(saga.shard() >= 3 || is_heard(wait, WaitOutcome::elsewhere)) << saga.shard();
  for (const Attempt& attempt : a.adapter.sent) EXPECT_EQ(attempt.may_be_sent(), attempt.saga.shard() >= 3);
  const std::size_t sent = a.adapter.sent.size();

  a.store.taken_by_hand = 0;

  ASSERT_TRUE(a.tend_again());
  EXPECT_TRUE(a.await_shards(all));
  const auto moved = static_cast<std::size_t>(
      std::count_if(sagas.begin(), sagas.end(), [](const SagaId& saga) { return saga.shard() < 3; }));
  a.adapter.await_held(sent + moved);  // what was out is asked again
}

TEST_F(HandoverTest, OneThatStopsWhileItsShareIsOnTheWayLeavesIt) {
  a.join();
  b.join();
  const int before = b.store.tends;
  b.store.holding_tends = true;
  a.engine->stop(patience);
  ASSERT_TRUE(b.await([&] { return b.store.tends > before; }));

  std::thread stopper([&] { b.engine->stop(patience); });
  b.adapter.await_stopping();
  b.store.release(b.store.holding_tends);
  stopper.join();

  HandoverMember c{tables, "c"};
  c.join();
  EXPECT_EQ(c.shards(), all);
}

TEST_F(HandoverTest, OneThatStopsLooksForNoShareAnyMore) {
  a.join();
  a.start_everywhere(all);
  const int before = a.store.tends;
  std::thread stopper([&] { a.engine->stop(patience); });
  a.adapter.await_stopping();

  a.store.hint();
  a.answer_all();
  stopper.join();

  EXPECT_EQ(a.store.tends, before);
}

TEST_F(HandoverTest, WhoWaitsForASagaThatIsOverHearsSoOnceItsShardIsReadBack) {
  a.join();
  const SagaId over = a.start().saga;
  ASSERT_TRUE(a.await_state(over, "completed"));
  b.join();
  b.store.holding_loads = true;
  a.engine->stop(patience);
  ASSERT_TRUE(b.await([&] { return b.engine->owned()->loading.size() == all; }));
  auto wait = b.wait_for(over);

  b.store.release(b.store.holding_loads);

  EXPECT_TRUE(is_heard(wait, WaitOutcome::not_live));
}

TEST_F(HandoverTest, OneThatStopsWhileItsShardsAreReadBackLeavesThem) {
  a.join();
  b.join();
  const int before = b.store.loads;
  b.store.holding_loads = true;
  a.engine->stop(patience);
  ASSERT_TRUE(b.await([&] { return b.store.loads > before; }));
  ASSERT_TRUE(b.await([&] { return b.engine->owned()->loading.size() == all; }));

  std::thread stopper([&] { b.engine->stop(patience); });
  b.adapter.await_stopping();
  b.store.release(b.store.holding_loads);
  stopper.join();

  HandoverMember c{tables, "c"};
  c.join();
  EXPECT_EQ(c.shards(), all);
}

}  // namespace
}  // namespace amends::engine
