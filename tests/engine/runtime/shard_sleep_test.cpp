// Sagas that wait for long, or rest, leave memory; nothing else about them changes.
#include "tests/engine/runtime/sleep_fixture.hpp"

namespace amends::engine {
namespace {

TEST_F(SleepTest, ItLeavesMemoryOnceItsRowIsDurableAndNotBefore) {
  const Attempt first = d.begin();
  d.answer(first, d.failed(Outcome::transient));
  d.pass(Millis(0));
  EXPECT_EQ(d.shard->live(), 1u) << "nothing of it is written yet";
  const Batch* batch = d.shard->take_batch(d.now);
  d.pass(Millis(0));
  EXPECT_EQ(d.shard->live(), 1u) << "its flush is under way";

  d.shard->committed(d.store.commit(*batch), d.now);
  d.pass(Millis(0));

  EXPECT_EQ(d.shard->live(), 0u);
  EXPECT_FALSE(d.shard->is_live(first.saga));
  EXPECT_GT(*row(first.saga).wake_at, d.now.wall + hour / 2);
  d.expect_rows_are_folds();
}

TEST_F(SleepTest, ItIsBackBeforeItsTimeAndGoesOnAsIfItHadStayed) {
  const SagaId saga = begin_sleeping();
  const WallTime due = *row(saga).wake_at;

  sleep_until_due(saga);
  EXPECT_NE(d.shard->find_saga(saga), nullptr);
  EXPECT_TRUE(d.out.attempts.empty());
  d.pass(due - d.now.wall);
  d.flush_all();

  const Attempt second = d.only_attempt();
  EXPECT_EQ(second.number, 2u);
  d.answer(second, d.done());
  d.run_to_end();
  EXPECT_EQ(row(saga).state, "completed");
}

TEST_F(SleepTest, ItStaysWhileALaterRowOfItIsUnderWay) {
  const Attempt first = d.begin();
  d.answer(first, d.failed(Outcome::transient));
  d.flush_all();
  d.answer(first, d.done());  // too late: a row that changes nothing
  const Batch* batch = d.shard->take_batch(d.now);
  ASSERT_TRUE(batch);

  d.pass(Millis(0));
  EXPECT_EQ(d.shard->live(), 1u);

  d.shard->committed(d.store.commit(*batch), d.now);
  d.pass(Millis(0));
  EXPECT_EQ(d.shard->live(), 0u);
  d.expect_rows_are_folds();
}

// pay is the pivot; then two lanes that must both end well.
PlanPtr two_shipments() {
  std::vector<Step> steps(3);
  for (std::size_t i = 0; i < 3; ++i) {
    steps[i].name = i == 0 ? "pay" : i == 1 ? "ship" : "tell";
    steps[i].kind = i == 0 ? StepKind::pivot : StepKind::retriable;
    steps[i].result_is_nothing = true;
    if (i > 0) steps[i].after = {0};
  }
  return std::make_shared<const Plan>("order", 1, "Order{id}", std::move(steps));
}

TEST_F(SleepTest, OneThatRestsWhileAnotherLaneIsAskedSaysByWhenThatIsAnswered) {
  d.plan = two_shipments();
  d.reload_anew();
  d.answer(d.begin(), d.done("null"));
  d.prepare_all();
  d.flush_all();
  ASSERT_EQ(d.out.attempts.size(), 2u);
  const std::vector<Attempt> attempts = std::exchange(d.out.attempts, {});
  const SagaId saga = attempts[0].saga;
  d.answer(attempts[0], d.failed(Outcome::rejected));
  d.flush_all();
  d.pass(Millis(0));
  EXPECT_EQ(row(saga).state, "needs_operator");
  EXPECT_EQ(row(saga).wake_at, attempts[1].not_after);
  EXPECT_EQ(d.shard->live(), 1u);

  d.reload_anew();
  d.flush_all();
  d.pass(Millis(0));

  EXPECT_FALSE(row(saga).wake_at) << "the attempt is known to be lost";
  EXPECT_EQ(d.shard->live(), 0u);
  d.expect_rows_are_folds();
}

TEST_F(SleepTest, OneThatWaitsForLessStays) {
  d.plan = order_plan();
  d.reload_anew();
  const Attempt first = d.begin();
  d.answer(first, d.failed(Outcome::transient));
  d.flush_all();
  d.pass(Millis(0));

  EXPECT_EQ(d.shard->live(), 1u);
}

TEST_F(SleepTest, AMillionOfThemLeaveNoTimers) {
  for (int i = 0; i < 5'000; ++i) begin_sleeping();

  EXPECT_LT(d.shard->timers(), 3'000u);
}

TEST_F(SleepTest, OneThatRestsWithAnOperatorLeavesToo) {
  const SagaId saga = begin_parked();
  EXPECT_TRUE(d.shard->find_rest(saga));

  d.pass(Millis(0));

  EXPECT_EQ(d.shard->live(), 0u);
  EXPECT_FALSE(row(saga).wake_at);
}

TEST_F(SleepTest, AfterARestartOnlyWhatMovesIsRead) {
  begin_sleeping();
  begin_parked();
  const Attempt moving = d.begin();

  d.reload_anew();

  EXPECT_EQ(d.shard->live(), 1u);
  EXPECT_TRUE(d.shard->is_live(moving.saga));
}

}  // namespace
}  // namespace amends::engine
