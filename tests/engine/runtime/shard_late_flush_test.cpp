// Flushes that take longer than an attempt may: what was decided is durable when its time is over.
#include "engine/runtime/lag.hpp"
#include "tests/engine/runtime/shard_driver.hpp"

namespace amends::engine {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

// Each flush lands so long after it was taken.
void run_to_end(ShardDriver& d, Micros late, int& flushes) {
  for (flushes = 0; flushes < 50; ++flushes) {
    d.prepare_all();
    const Batch* batch = d.shard->take_batch(d.now);
    if (!batch) return;
    const CommitResult result = d.store.commit(*batch);
    d.now.wall += late;
    d.now.elapsed += late;
    d.shard->committed(result, d.now);
    d.pass(Micros(0));
    for (const Attempt& attempt : std::exchange(d.out.attempts, {})) {
      EXPECT_GE(attempt.not_after, d.now.wall);
      d.answer(attempt, d.done());
    }
  }
}

class LateFlush : public testing::TestWithParam<Micros> {};

TEST_P(LateFlush, CostsASagaOneFlushAndNoneOfItsAttempts) {
  ShardDriver d({order_plan(1, {.attempts_max = 1})});
  d.plan = order_plan(1, {.attempts_max = 1});
  d.start();
  int flushes = 0;

  run_to_end(d, GetParam(), flushes);

  const auto& journal = d.store.journal.at(d.last_start().saga);
  EXPECT_EQ(d.store.sagas.at(d.last_start().saga).state, "completed");
  EXPECT_EQ(flushes, 5);  // four, and the first intent once more
  EXPECT_NE(journal[1].body.find("flushed_late"), std::string::npos) << journal[1].body;
  d.expect_rows_are_folds();
}

INSTANTIATE_TEST_SUITE_P(Of, LateFlush, testing::Values(seconds(6), seconds(40), minutes(30)));

TEST(Shard, AnAttemptHasItsPlainTimeWhereFlushesAreQuick) {
  ShardDriver d;
  d.start();
  d.prepare_all();
  const WallTime decided = d.now.wall;

  d.pass(Millis(20));
  d.flush();

  ASSERT_EQ(d.out.attempts.size(), 1u);
  EXPECT_EQ(d.out.attempts[0].not_after, decided + order_plan()->step(0).timeout);
}

TEST(Shard, AStoreThatRefusedForHoursGivesNoHours) {
  ShardDriver d;
  d.answer(d.begin(), d.done());
  d.prepare_all();
  const WallTime begin = d.now.wall;
  d.store.fates.assign(2'000, ScriptedStore::Fate::disk_full);
  for (int i = 0; i < 2'000; ++i) {
    EXPECT_TRUE(d.flush());
    d.pass(ShardOptions().retry_max);
  }
  ASSERT_GT(d.now.wall - begin, std::chrono::hours(1));

  d.flush_all();  // too late for what was decided before
  d.pass(Micros(0));
  d.flush_all();

  ASSERT_EQ(d.out.attempts.size(), 1u);
  EXPECT_EQ(d.out.attempts[0].number, 2u);
  EXPECT_EQ(d.out.attempts[0].not_after, d.now.wall + order_plan()->step(1).timeout);
}

TEST(Lag, GivesNoMoreThanAnHour) {
  Lag lag;
  lag.landed(std::chrono::hours(40));
  EXPECT_EQ(lag.slack(), std::chrono::hours(1));
}

TEST(Lag, GivesTwiceTheWorstOfLateAndForgetsIt) {
  Lag lag;
  lag.landed(seconds(3));
  EXPECT_EQ(lag.slack(), Millis(6'000));
  lag.landed(seconds(1));
  EXPECT_EQ(lag.slack(), Millis(4'500));

  for (int i = 0; i < 50; ++i) lag.landed(Millis(2));

  EXPECT_EQ(lag.slack(), Millis(0));
}

}  // namespace
}  // namespace amends::engine
