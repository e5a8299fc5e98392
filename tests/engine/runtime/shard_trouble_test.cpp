// A store that refuses, forgets, or was read by another engine: nothing acknowledged is lost.
#include "tests/engine/runtime/shard_driver.hpp"

namespace amends::engine {
namespace {

using Fate = ScriptedStore::Fate;

// ---- no room ---------------------------------------------------------------------------------------------

TEST(ShardTrouble, AFullDiskRefusesStartsAndHealsWithoutLosingARow) {
  ShardDriver d;
  const Attempt first = d.begin();
  d.answer(first, d.done());
  d.prepare_all();
  d.start("new");
  d.prepare_all();
  d.store.fates = {Fate::disk_full};
  EXPECT_TRUE(d.flush());
  EXPECT_EQ(d.last_start().status, StartStatus::disk_full);
  EXPECT_TRUE(d.out.attempts.empty());
  EXPECT_FALSE(d.flush());
  d.start("while it rests");
  EXPECT_EQ(d.last_start().status, StartStatus::disk_full);
  const auto due = d.shard->next_due(d.now);
  ASSERT_TRUE(due);

  d.pass(*due);
  EXPECT_TRUE(d.flush());

  EXPECT_EQ(d.only_attempt().step_name, "charge");
  EXPECT_EQ(d.shard->live(), 1u);
  d.start("new");
  d.run_to_end();
  EXPECT_EQ(d.last_start().status, StartStatus::created);
  EXPECT_EQ(d.store.sagas.at(d.last_start().saga).state, "completed");
}

TEST(ShardTrouble, NobodyWaitsForAFullDisk) {
  ShardDriver d;
  const Attempt first = d.begin();
  d.answer(first, d.done());
  d.prepare_all();
  d.store.fates = {Fate::disk_full, Fate::disk_full};
  const Batch* batch = d.shard->take_batch(d.now);
  ASSERT_NE(batch, nullptr);

  // While that flush is in the air: they are in memory when it is refused.
  const Token early = d.start("early");
  const Token cancelled = d.command(first.saga, Verb::cancel);
  d.shard->committed(d.store.commit(*batch), d.now);
  d.collect();

  ASSERT_EQ(d.out.starts.size(), 2u);
  EXPECT_EQ(d.last_start().token, early);
  EXPECT_EQ(d.last_start().status, StartStatus::disk_full);
  ASSERT_EQ(d.out.commands.size(), 1u);
  EXPECT_EQ(d.out.commands[0].token, cancelled);
  EXPECT_EQ(d.out.commands[0].status, CommandStatus::disk_full);

  // Later ones are not even decided, also while the flush is tried again.
  d.pass(Millis(50));
  const Batch* second = d.shard->take_batch(d.now);
  ASSERT_NE(second, nullptr);
  d.command(first.saga, Verb::retry);
  d.start("late");
  EXPECT_EQ(d.out.commands.back().status, CommandStatus::disk_full);
  EXPECT_EQ(d.last_start().status, StartStatus::disk_full);
  d.shard->committed(d.store.commit(*second), d.now);
  d.collect();
  d.pass(Millis(100));
  d.run_to_end();

  EXPECT_EQ(d.store.sagas.size(), 1u);
  EXPECT_EQ(d.store.sagas.at(first.saga).state, "completed");
  std::string journal;
  for (const JournalRow& row : d.store.journal[first.saga]) journal += row.body;
  EXPECT_NE(journal.find("\"cancel\""), std::string::npos) << journal;
  EXPECT_EQ(journal.find("\"retry\""), std::string::npos) << journal;
  d.expect_rows_are_folds();
}

TEST(ShardTrouble, OnlyWhatChangesIsSaidOfAFullDisk) {
  ShardDriver d;
  d.start("k");
  d.prepare_all();
  d.store.fates = {Fate::disk_full, Fate::disk_full, Fate::disk_full};
  d.flush();
  for (int i = 0; i < 2; ++i) {
    d.pass(*d.shard->next_due(d.now));
    EXPECT_TRUE(d.flush());
  }
  EXPECT_EQ(d.observer.said.size(), 1u);
  d.start("again");
  EXPECT_EQ(d.last_start().status, StartStatus::disk_full);

  d.pass(*d.shard->next_due(d.now));
  EXPECT_TRUE(d.flush());

  ASSERT_EQ(d.observer.said.size(), 2u);
  EXPECT_EQ(d.observer.said[1], "the store takes flushes again, after it refused 3 flushes");
  EXPECT_FALSE(d.flush());
  d.start("again");
  d.run_to_end();
  EXPECT_EQ(d.last_start().status, StartStatus::created);
}

TEST(ShardTrouble, AnAttemptWhoseFlushCameTooLateIsNotSent) {
  ShardDriver d;
  d.answer(d.begin(), d.done());
  d.prepare_all();
  d.store.fates = {Fate::refused};
  d.flush();
  d.pass(Millis(6'000));
  d.flush();
  EXPECT_TRUE(d.out.attempts.empty());

  d.pass(Millis(0));
  d.flush();
  d.pass(Millis(1'000));
  d.flush();

  EXPECT_EQ(d.only_attempt().number, 2u);
}

// ---- data ------------------------------------------------------------------------------------------------

TEST(ShardTrouble, AStartWhoseDataIsRefusedStandsAloneAndTheRestIsWritten) {
  ShardDriver d;
  d.store.poison = "poison";
  for (int i = 0; i < 5; ++i) d.start("", "h", i == 3 ? R"({"id":"poison"})" : R"({"id":1})");
  d.prepare_all();
  d.flush_all();

  ASSERT_EQ(d.out.starts.size(), 5u);
  for (const StartReply& reply : d.out.starts)
    EXPECT_EQ(reply.status, reply.token == 4 ? StartStatus::invalid : StartStatus::created);
  EXPECT_EQ(d.shard->live(), 4u);
  EXPECT_EQ(d.out.attempts.size(), 4u);
}

TEST(ShardTrouble, ATransitionWhoseDataIsRefusedParksItsSaga) {
  ShardDriver d;
  const Attempt bad = d.begin();
  const Attempt good = d.begin();
  d.store.poison = "poison";
  d.answer(good, d.done());
  d.answer(bad, d.done(R"({"id":"poison"})"));
  d.prepare_all();
  d.flush_all();
  ASSERT_EQ(d.out.reloads.size(), 1u);
  EXPECT_EQ(d.out.reloads[0], bad.saga);
  EXPECT_TRUE(d.shard->is_live(bad.saga));

  d.shard->reloaded({*d.store.find_saga(bad.saga), d.store.journal[bad.saga]}, d.now);
  d.collect();
  EXPECT_TRUE(d.observer.parked_sagas.empty());
  d.flush_all();

  ASSERT_EQ(d.observer.parked_sagas.size(), 1u);
  EXPECT_EQ(d.observer.parked_sagas[0].saga, bad.saga.text());
  EXPECT_EQ(d.observer.parked_sagas[0].step, "reserve");
  EXPECT_EQ(d.observer.parked_sagas[0].error_class, "store_refuses_data");
  const SagaRow row = *d.store.find_saga(bad.saga);
  EXPECT_EQ(row.state, "needs_operator");
  EXPECT_EQ(row.step, "reserve");
  EXPECT_EQ(row.error_class, "store_refuses_data");
  EXPECT_EQ(d.store.sagas.at(good.saga).state, "running");
  EXPECT_EQ(d.only_attempt().saga, good.saga);
  d.expect_rows_are_folds();
}

TEST(ShardTrouble, ASagaThatTheStoreNoLongerHasIsNotWaitedFor) {
  ShardDriver d;
  const Attempt bad = d.begin();
  d.store.poison = "poison";
  d.answer(bad, d.done(R"({"id":"poison"})"));
  d.prepare_all();
  d.flush_all();
  ASSERT_EQ(d.out.reloads.size(), 1u);
  ASSERT_TRUE(d.shard->is_live(bad.saga));

  SavedSaga nothing;
  nothing.row.id = bad.saga;
  d.shard->reloaded(std::move(nothing), d.now);

  EXPECT_FALSE(d.shard->is_live(bad.saga));
}

// ---- in doubt --------------------------------------------------------------------------------------------

TEST(ShardTrouble, ACommitInDoubtThatLandedIsAdopted) {
  ShardDriver d;
  d.start("k");
  d.prepare_all();
  d.store.fates = {Fate::landed_unheard};
  d.flush();
  EXPECT_EQ(d.shard->phase(), Shard::Phase::in_doubt);
  EXPECT_TRUE(d.out.starts.empty());
  EXPECT_TRUE(d.out.attempts.empty());

  d.resolve();

  ASSERT_EQ(d.out.starts.size(), 1u);
  EXPECT_EQ(d.last_start().status, StartStatus::created);
  d.run_to_end();
  EXPECT_EQ(d.store.sagas.at(d.last_start().saga).state, "completed");
}

TEST(ShardTrouble, ACommitInDoubtThatWasLostIsAnsweredAsSuch) {
  ShardDriver d;
  const Attempt first = d.begin();
  d.answer(first, d.done());
  d.prepare_all();
  d.start("k");
  d.prepare_all();
  d.store.fates = {Fate::lost};
  d.flush();

  d.resolve();

  EXPECT_EQ(d.last_start().status, StartStatus::unavailable);
  EXPECT_EQ(d.shard->live(), 1u);
  // The reply was lost with the flush: the step is asked again, under its key.
  d.run_to_end();
  EXPECT_EQ(d.store.sagas.at(first.saga).state, "completed");
  EXPECT_EQ(d.store.sagas.size(), 1u);
}

TEST(ShardTrouble, NothingOfALostFlushIsTakenForDone) {
  ShardDriver d;
  const Attempt first = d.begin();
  d.start();
  d.prepare_all();
  d.command(first.saga, Verb::cancel);
  d.store.fates = {Fate::lost};
  d.flush();

  d.resolve();

  EXPECT_EQ(d.last_start().status, StartStatus::unavailable);
  ASSERT_EQ(d.out.commands.size(), 1u);
  EXPECT_EQ(d.out.commands[0].status, CommandStatus::unavailable);
  EXPECT_EQ(d.store.sagas.size(), 1u);
}

TEST(ShardTrouble, ADuplicateKeyInALandedDoubtIsAskedToComeAgain) {
  ShardDriver d;
  d.begin("k");
  d.start("k");
  d.prepare_all();
  d.store.fates = {Fate::landed_unheard};
  d.flush();

  d.resolve();

  EXPECT_EQ(d.last_start().status, StartStatus::unavailable);
  EXPECT_EQ(d.shard->live(), 1u);
}

TEST(ShardTrouble, WhileTheDoubtPersistsTheCallerHearsThatNobodyKnows) {
  ShardDriver d;
  d.start("k");
  d.prepare_all();
  d.store.fates = {Fate::landed_unheard};
  d.flush();
  d.shard->doubt_persists();
  d.collect();
  ASSERT_EQ(d.out.starts.size(), 1u);
  EXPECT_EQ(d.last_start().sentence, "the outcome of your start is unknown: ask again with the same key");

  d.resolve();

  EXPECT_EQ(d.out.starts.size(), 1u);
  d.start("k");
  d.run_to_end();
  EXPECT_EQ(d.last_start().status, StartStatus::same);
}

TEST(ShardTrouble, AFencedShardStops) {
  ShardDriver d;
  d.start("k");
  d.prepare_all();
  d.store.fates = {Fate::fenced};
  d.flush();

  EXPECT_EQ(d.shard->phase(), Shard::Phase::fenced);
  EXPECT_EQ(d.last_start().status, StartStatus::unavailable);
  d.start("again");
  EXPECT_EQ(d.last_start().status, StartStatus::unavailable);
  EXPECT_FALSE(d.flush());
}

}  // namespace
}  // namespace amends::engine
