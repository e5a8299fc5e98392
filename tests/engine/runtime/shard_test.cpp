// A saga's way through a shard: what is journalled when, and what may leave when.
#include "tests/engine/runtime/shard_driver.hpp"

namespace amends::engine {
namespace {

TEST(Shard, RunsASagaToItsEnd) {
  ShardDriver d;
  d.start();
  d.run_to_end();

  ASSERT_EQ(d.out.starts.size(), 1u);
  EXPECT_EQ(d.last_start().status, StartStatus::created);
  const SagaRow row = d.store.sagas.at(d.last_start().saga);
  EXPECT_EQ(row.state, "completed");
  EXPECT_FALSE(row.active);
  EXPECT_EQ(d.shard->live(), 0u);
  ASSERT_EQ(d.out.rested.size(), 1u);
  EXPECT_EQ(d.out.rested[0].state, SagaState::completed);
  d.expect_rows_are_folds();
}

TEST(Shard, MergesAnOutcomeWithTheNextIntentIntoOneRow) {
  ShardDriver d;
  d.start();
  d.run_to_end();

  // started + intent 1, done 1 + intent 2, done 2 + intent 3, done 3 + completed
  EXPECT_EQ(d.store.journal.at(d.last_start().saga).size(), 4u);
}

TEST(Shard, HoldsARowForTheAuthorsFunctionButNotForLong) {
  ShardDriver d;
  d.start();
  EXPECT_FALSE(d.flush());
  EXPECT_EQ(d.shard->next_due(d.now), ShardOptions{}.hold_max);

  d.pass(ShardOptions{}.hold_max);
  EXPECT_TRUE(d.flush());

  EXPECT_EQ(d.last_start().status, StartStatus::created);
  d.run_to_end();
  EXPECT_EQ(d.store.journal.at(d.last_start().saga).size(), 5u);
  EXPECT_EQ(d.store.sagas.at(d.last_start().saga).state, "completed");
}

TEST(Shard, TakesTheNextFlushBeforeItLetsGoWhatTheLastOneHeld) {
  ShardDriver d;
  d.start("one");
  d.prepare_all();
  const Batch* first = d.shard->take_batch(d.now);
  ASSERT_NE(first, nullptr);
  d.start("two");
  d.prepare_all();

  d.shard->acknowledge(d.store.commit(*first), d.now);
  const Batch* second = d.shard->take_batch(d.now);
  d.collect();

  ASSERT_NE(second, nullptr);
  EXPECT_EQ(second->starts.size(), 1u);
  EXPECT_TRUE(d.out.attempts.empty());
  d.shard->let_go(d.now);
  d.collect();
  EXPECT_EQ(d.out.attempts.size(), 1u);
}

TEST(Shard, HandsNothingOutBeforeItsCommit) {
  ShardDriver d;
  d.start("k");
  d.prepare_all();
  const Batch* batch = d.shard->take_batch(d.now);
  ASSERT_NE(batch, nullptr);
  d.collect();
  EXPECT_TRUE(d.out.attempts.empty());
  EXPECT_TRUE(d.out.starts.empty());

  d.shard->committed(d.store.commit(*batch), d.now);
  d.collect();

  EXPECT_EQ(d.out.attempts.size(), 1u);
  EXPECT_EQ(d.out.starts.size(), 1u);
}

TEST(Shard, DecidesOnWhileAFlushIsInFlight) {
  ShardDriver d;
  const Attempt first = d.begin();
  d.start();
  d.prepare_all();
  const Batch* batch = d.shard->take_batch(d.now);
  ASSERT_NE(batch, nullptr);
  d.answer(first, d.done());
  d.prepare_all();
  EXPECT_EQ(d.shard->take_batch(d.now), nullptr);

  d.shard->committed(d.store.commit(*batch), d.now);
  d.collect();
  d.out.attempts.clear();
  EXPECT_TRUE(d.flush());

  EXPECT_EQ(d.only_attempt().step_name, "charge");
}

TEST(Shard, UndoesWhatWasDoneWhenThePivotIsRefused) {
  ShardDriver d;
  d.answer(d.begin(), d.done());
  d.prepare_all();
  d.flush();
  d.answer(d.only_attempt(), d.failed(Outcome::rejected));
  d.prepare_all();
  d.flush();
  EXPECT_EQ(d.store.sagas.at(d.last_start().saga).state, "compensating");
  const Attempt undo = d.only_attempt();
  EXPECT_EQ(undo.direction, Direction::undo);
  EXPECT_EQ(undo.key, d.last_start().saga.text() + "/reserve/undo/1");

  d.answer(undo, d.done());
  d.flush();

  EXPECT_EQ(d.store.sagas.at(d.last_start().saga).state, "compensated");
  d.expect_rows_are_folds();
}

TEST(Shard, WritesTheSagaRowOnlyWhenItsStateChanges) {
  ShardDriver d;
  d.answer(d.begin(), d.done());
  d.prepare_all();
  const Batch* batch = d.shard->take_batch(d.now);
  ASSERT_NE(batch, nullptr);

  EXPECT_EQ(batch->journal.size(), 1u);
  EXPECT_TRUE(batch->updates.empty());
}

TEST(Shard, AnUndoThatIsStuckIsNamedAsTheUndo) {
  ShardDriver d;
  d.answer(d.begin(), d.done());
  d.prepare_all();
  d.flush_all();
  d.answer(d.only_attempt(), d.failed(Outcome::rejected));
  d.prepare_all();
  d.flush_all();
  d.answer(d.only_attempt(), d.failed(Outcome::rejected));
  d.flush_all();

  const SagaRow row = d.store.sagas.at(d.last_start().saga);
  EXPECT_EQ(row.state, "needs_operator");
  EXPECT_EQ(row.step, "release");
  ASSERT_EQ(d.observer.parked_sagas.size(), 1u);
  EXPECT_EQ(d.observer.parked_sagas[0].step, "release");
}

TEST(Shard, ShowsALongWaitInTheSagaRow) {
  ShardDriver d({order_plan(1, {.delay_first = Millis(60'000), .delay_max = Millis(60'000)})});
  d.plan = order_plan(1, {.delay_first = Millis(60'000), .delay_max = Millis(60'000)});
  d.answer(d.begin(), d.failed(Outcome::unknown));
  d.flush();

  const SagaRow row = d.store.sagas.at(d.last_start().saga);
  EXPECT_EQ(row.step, "reserve");
  EXPECT_EQ(row.error_class, "test");
  ASSERT_TRUE(row.wake_at);
  EXPECT_GT(*row.wake_at, d.now.wall + Millis(5'000));
  d.expect_rows_are_folds();
}

TEST(Shard, RetriesWhenTheTimerIsDueUnderTheSameKey) {
  ShardDriver d;
  const Attempt first = d.begin();
  d.answer(first, d.failed(Outcome::transient));
  d.flush();
  EXPECT_TRUE(d.out.attempts.empty());

  d.pass(Millis(300));
  EXPECT_TRUE(d.flush());

  const Attempt again = d.only_attempt();
  EXPECT_EQ(again.number, 2u);
  EXPECT_EQ(again.key, first.key);
  EXPECT_EQ(again.request->body, first.request->body);
}

TEST(Shard, AnswersACommandOnlyWhenItsEntryIsDurable) {
  ShardDriver d;
  const Attempt first = d.begin();
  const Token token = d.command(first.saga, Verb::cancel);
  EXPECT_TRUE(d.out.commands.empty());

  d.flush();

  ASSERT_EQ(d.out.commands.size(), 1u);
  EXPECT_EQ(d.out.commands[0].token, token);
  EXPECT_EQ(d.out.commands[0].answer.verdict, Verdict::accepted);
  d.answer(first, d.done());
  d.run_to_end();
  EXPECT_EQ(d.store.sagas.at(first.saga).state, "compensated");
  EXPECT_FALSE(d.shard->is_live(first.saga));
  d.command(first.saga, Verb::cancel);
  d.read_back();
  EXPECT_EQ(d.out.commands.back().status, CommandStatus::not_live);
}

// ---- keys ------------------------------------------------------------------------------------------------

TEST(Shard, TellsWhoseKeyItIsAndDropsTheSecondSaga) {
  ShardDriver d;
  const Attempt first = d.begin("k");
  d.start("k", "h");
  d.start("k", "other");
  d.prepare_all();
  d.flush();

  ASSERT_EQ(d.out.starts.size(), 3u);
  EXPECT_EQ(d.out.starts[1].status, StartStatus::same);
  EXPECT_EQ(d.out.starts[1].saga, first.saga);
  EXPECT_EQ(d.out.starts[2].status, StartStatus::key_conflict);
  EXPECT_EQ(d.out.starts[2].saga, first.saga);
  EXPECT_TRUE(d.out.attempts.empty());
  EXPECT_EQ(d.shard->live(), 1u);
  EXPECT_EQ(d.store.journal.size(), 1u);
  EXPECT_EQ(d.observer.metrics.duplicates, 2u);
}

TEST(Shard, DropsWhatADuplicateDecidedWhileItsFlushWasInFlight) {
  ShardDriver d;
  d.begin("k");
  d.start("k");
  d.pass(ShardOptions{}.hold_max);
  const Batch* batch = d.shard->take_batch(d.now);
  ASSERT_NE(batch, nullptr);
  d.prepare_all();
  d.shard->committed(d.store.commit(*batch), d.now);
  d.collect();

  EXPECT_FALSE(d.flush());
  EXPECT_TRUE(d.out.attempts.empty());
  EXPECT_EQ(d.shard->live(), 1u);
}

TEST(Shard, PutsAtMostSoManySagasIntoOneFlush) {
  ShardDriver d;
  for (int i = 0; i < 600; ++i) d.start();
  d.prepare_all();
  d.flush_all();

  EXPECT_EQ(d.store.rows_max, 512u);
  EXPECT_EQ(d.store.commits, 2u);
}

}  // namespace
}  // namespace amends::engine
