// Coming back from the store: everything acknowledged goes on, under the keys it had.
#include "tests/engine/runtime/shard_driver.hpp"

namespace amends::engine {
namespace {

// Another shard object over the same store, as after a crash.
void restart(ShardDriver& d, std::vector<PlanPtr> plans) {
  d.out = {};
  d.shard = std::make_unique<Shard>(ShardOptions{}, std::move(plans), d.entropy, d.observer);
  d.shard->adopt(*d.store.take_over("test", d.now.wall).writer);
  d.reload();
}

TEST(ShardRecovery, RecoverySendsWhatWasInFlightAgainUnderItsKeyWithANewNumber) {
  ShardDriver d;
  const Attempt first = d.begin();

  restart(d, {order_plan()});
  d.flush();

  const Attempt again = d.only_attempt();
  EXPECT_EQ(again.saga, first.saga);
  EXPECT_EQ(again.key, first.key);
  EXPECT_EQ(again.number, 2u);
  EXPECT_EQ(again.epoch, first.epoch + 1);
  EXPECT_EQ(*again.request, *first.request);
  d.expect_rows_are_folds();
}

TEST(ShardRecovery, RecoveryAsksAgainForARequestThatWasBeingPrepared) {
  ShardDriver d;
  d.start();
  d.pass(ShardOptions{}.hold_max);
  d.flush();

  restart(d, {order_plan()});
  ASSERT_EQ(d.out.prepares.size(), 1u);
  d.run_to_end();

  EXPECT_EQ(d.store.sagas.begin()->second.state, "completed");
}

TEST(ShardRecovery, ASagaWithoutItsPlanIsSetAsideVisiblyAndResumesWhenThePlanIsBack) {
  ShardDriver d;
  const Attempt first = d.begin();
  restart(d, {order_plan(2)});
  d.flush();
  EXPECT_EQ(d.store.sagas.at(first.saga).error_class, "definition_missing");
  EXPECT_TRUE(d.out.attempts.empty());
  EXPECT_TRUE(d.shard->is_live(first.saga));
  d.command(first.saga, Verb::cancel);
  EXPECT_EQ(d.out.commands.back().status, CommandStatus::definition_missing);

  restart(d, {order_plan()});
  d.flush();
  EXPECT_EQ(d.store.sagas.at(first.saga).state, "running");
  EXPECT_EQ(d.store.sagas.at(first.saga).error_class, "");
  d.answer(d.only_attempt(), d.done());
  d.run_to_end();

  EXPECT_EQ(d.store.sagas.at(first.saga).state, "completed");
}

TEST(ShardRecovery, ASagaWithoutItsPlanCanBeAbandonedAndNothingElse) {
  ShardDriver d;
  const SagaId saga = d.begin().saga;
  for (const bool row_was_written : {false, true}) {
    restart(d, {order_plan(2)});
    if (row_was_written) d.flush();
    d.command(saga, Verb::retry);
    EXPECT_EQ(d.out.commands.back().status, CommandStatus::definition_missing);
    EXPECT_NE(d.out.commands.back().sentence.find("its plan order@1 is not loaded"), std::string::npos);
    d.abandon(saga, "");
    EXPECT_EQ(d.out.commands.back().answer.sentence, "abandoning needs a reason");
    EXPECT_TRUE(d.shard->is_live(saga));
  }

  d.abandon(saga, "written off");
  d.flush_all();

  EXPECT_EQ(d.out.commands.back().answer.verdict, Verdict::accepted);
  EXPECT_EQ(d.store.sagas.at(saga).state, "abandoned");
  EXPECT_EQ(d.store.sagas.at(saga).error_class, "abandoned");
  EXPECT_FALSE(d.store.sagas.at(saga).active);
  EXPECT_FALSE(d.shard->is_live(saga));
  EXPECT_EQ(d.out.rested.back().state, SagaState::abandoned);
  d.expect_rows_are_folds();
}

TEST(ShardRecovery, AnAbandonedSagaIsNotSetAsideAgainByTheRowThatWasDue) {
  ShardDriver d;
  const SagaId saga = d.begin().saga;
  restart(d, {order_plan(2)});

  d.abandon(saga, "written off");
  const Batch* batch = d.shard->take_batch(d.now);

  ASSERT_TRUE(batch);
  ASSERT_EQ(batch->updates.size(), 1u);
  EXPECT_EQ(batch->updates[0].state, "abandoned");
}

TEST(ShardRecovery, APlanWhoseShapeChangedUnderItsVersionDoesNotRunAnOlderSaga) {
  ShardDriver d;
  const Attempt first = d.begin();
  std::vector<Step> steps = d.plan->steps();
  steps[0].result_type = "Reservation{id,warehouse}";

  restart(d, {std::make_shared<const Plan>("order", 1, "Order{id}", steps)});
  d.flush();

  EXPECT_EQ(d.store.sagas.at(first.saga).error_class, "definition_missing");
  EXPECT_TRUE(d.out.attempts.empty());
}

TEST(ShardRecovery, AnUnreadableJournalIsSetAsideAndDisturbsNobody) {
  ShardDriver d;
  const Attempt bad = d.begin();
  const Attempt good = d.begin();
  d.store.journal[bad.saga][0].body = "[{";

  restart(d, {order_plan()});
  d.flush();

  EXPECT_EQ(d.store.sagas.at(bad.saga).error_class, "journal_unreadable");
  d.abandon(bad.saga, "written off");
  EXPECT_NE(d.out.commands.back().sentence.find("its journal cannot be read"), std::string::npos);
  EXPECT_EQ(d.only_attempt().saga, good.saga);
}

TEST(ShardRecovery, ALateReplyIsJournalledAndNotUsed) {
  ShardDriver d;
  const Attempt first = d.begin();
  restart(d, {order_plan()});
  d.flush();
  const Attempt again = d.only_attempt();

  d.answer(first, d.done(R"({"id":"late"})"));
  d.flush();
  EXPECT_NE(d.store.journal[first.saga].back().body.find("late"), std::string::npos);
  EXPECT_TRUE(d.out.prepares.empty());

  d.answer(again, d.done());
  d.run_to_end();
  EXPECT_EQ(d.store.sagas.at(first.saga).state, "completed");
}

}  // namespace
}  // namespace amends::engine
