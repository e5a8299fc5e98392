// The statements walk by their indexes also on tables that were never analyzed, where the planner guesses.
// What a wrong guess costs is rows read: the square of the rows that were asked for.
#include "engine/ports/retention.hpp"
#include "tests/adapters/store/postgres/database.hpp"

namespace amends::engine {
namespace {

class PlanTest : public PostgresTest {
 protected:
  static constexpr int sagas = 400;

  void SetUp() override {
    PostgresTest::SetUp();
    must_migrate();
    store = must_open();
    must_take_over(*store);
    Batch batch;
    for (int n = 0; n < sagas; ++n) {
      batch.starts.push_back(keyed_start_of(n, "k" + std::to_string(n)));
      batch.journal.push_back(entry_of(n, 1));
    }
    ASSERT_EQ(store->commit(batch).status, CommitStatus::committed);
    forget_counts();
  }
  // A connection adds to the counts at the latest when it ends.
  void end_connections() {
    store.reset();
    PostgresSession(url()).wait_until(
        "select count(*) = 0 from pg_stat_activity"
        " where datname = current_database() and application_name = 'amends'");
  }
  void forget_counts() {
    end_connections();
    PostgresSession(url()).ask("select pg_stat_reset()");
    store = must_open();
    must_take_over(*store);
  }
  // Rows of the table that were read, by an index or by walking the table.
  int rows_read(const std::string& table) {
    end_connections();
    PostgresSession session(url());
    return std::stoi(
        session.ask("select coalesce(sum(seq_tup_read), 0) + (select coalesce(sum(idx_tup_read), 0) from"
                    " pg_stat_user_indexes where relid = 'amends." +
                    table +
                    "'::regclass)"
                    " from pg_stat_user_tables where relid = 'amends." +
                    table + "'::regclass"));
  }

  std::unique_ptr<postgres::PostgresStore> store;
};

TEST_F(PlanTest, LoadingReadsEachJournalOnce) {
  EXPECT_EQ(store->load_live(0, std::nullopt, sagas).size(), std::size_t{sagas});

  const int read = rows_read("journal");
  EXPECT_GE(read, sagas);
  EXPECT_LE(read, 2 * sagas);
}

TEST_F(PlanTest, WhoSleepsCostsARestartNoRow) {
  Batch batch;
  for (int n = 0; n < sagas - 3; ++n) {
    SagaRow row = row_of(n);
    row.wake_at = at_second(100'000 + n);
    batch.updates.push_back(row);
  }
  ASSERT_EQ(store->commit(batch).status, CommitStatus::committed);
  PostgresSession(url()).ask("vacuum amends.saga");  // what the rows were before is no longer in the index
  forget_counts();

  EXPECT_EQ(store->load_live(0, std::nullopt, 100).size(), 3u);

  EXPECT_LE(rows_read("saga"), 6);
}

TEST_F(PlanTest, WhatIsDueIsReadInPagesByTheIndexAlone) {
  Batch batch;
  for (int n = 0; n < sagas; ++n) {
    SagaRow row = row_of(n);
    row.wake_at = at_second(100'000);  // all at one instant
    batch.updates.push_back(row);
  }
  ASSERT_EQ(store->commit(batch).status, CommitStatus::committed);
  forget_counts();

  std::vector<DueAfter> after;
  for (ShardId shard = 0; shard < 64; ++shard) after.push_back({shard, from_micros(0), {}});
  for (int page = 0; page < 10; ++page) {
    const auto due = store->load_due(after, at_second(100'000), 10);
    ASSERT_EQ(due.size(), 10u);
    after[0] = {0, *due.back().row.wake_at, due.back().row.id};
  }

  EXPECT_LE(rows_read("saga"), 220);
}

TEST_F(PlanTest, AFlushReadsEachSagaThatItUpdatesOnce) {
  Batch batch;
  for (int n = 0; n < sagas; ++n) batch.updates.push_back(ended(n, "completed"));
  EXPECT_EQ(store->commit(batch).status, CommitStatus::committed);

  const int read = rows_read("saga");
  EXPECT_GE(read, sagas);
  EXPECT_LE(read, 2 * sagas);
}

TEST_F(PlanTest, TakenKeysAreLookedUpOneByOne) {
  Batch batch;
  for (int n = 0; n < sagas; ++n) batch.starts.push_back(keyed_start_of(sagas + n, "k" + std::to_string(n)));
  EXPECT_EQ(store->commit(batch).taken.size(), std::size_t{sagas});

  // Once by the insert that found it taken, once for its holder.
  EXPECT_LE(rows_read("start_key"), 4 * sagas);
}

TEST_F(PlanTest, ForgettingKeysReadsEachSagaOnce) {
  Batch batch;
  for (int n = 0; n < sagas; ++n) batch.updates.push_back(ended(n, "completed"));
  EXPECT_EQ(store->commit(batch).status, CommitStatus::committed);
  forget_counts();

  EXPECT_EQ(store->retention()->forget_keys(at_second(5000), at_second(5000), sagas), std::uint32_t{sagas});

  EXPECT_LE(rows_read("saga"), 3 * sagas);
  // Found as expired, then deleted; a deleted row's entry stays in the index for now.
  EXPECT_LE(rows_read("start_key"), 4 * sagas);
}

TEST_F(PlanTest, RetiringReadsWhatLeavesAndALookItsPageAlone) {
  Batch batch;
  for (int n = 0; n < sagas; ++n) batch.updates.push_back(ended(n, "completed"));
  EXPECT_EQ(store->commit(batch).status, CommitStatus::committed);
  forget_counts();

  const auto page = store->retention()->find_ended(0, std::nullopt, at_second(sagas * 2), 10, true);
  std::vector<SagaId> ids;
  for (const EndedSaga& one : page.sagas) ids.push_back(one.row.id);
  EXPECT_EQ(ids.size(), 10u);
  EXPECT_LE(rows_read("saga"), 20);
  forget_counts();

  EXPECT_EQ(store->retention()->retire(ids), 10u);
  EXPECT_LE(rows_read("saga"), 40);
  EXPECT_LE(rows_read("journal"), 40);
}

TEST_F(PlanTest, CommandsAreReadAnsweredAndForgottenWithoutWalkingTheirTable) {
  Batch answers;
  std::vector<SagaId> asked;
  for (int n = 0; n < sagas; ++n) {
    const CommandRow row{
        .id = id_of(n), .kind = "cancel", .saga = id_of(n), .at = at_second(n), .body = "{}"};
    store->post_command(row);
    answers.answered.push_back({row.id, "accepted", ""});
    asked.push_back(row.id);
  }
  std::vector<ShardId> shards;
  for (ShardId shard = 0; shard < 64; ++shard) shards.push_back(shard);
  forget_counts();
  EXPECT_EQ(store->read_commands(shards, std::nullopt, 10).size(), 10u);
  EXPECT_LE(rows_read("command"), 20);

  forget_counts();
  ASSERT_EQ(store->commit(answers).status, CommitStatus::committed);
  EXPECT_LE(rows_read("command"), 2 * sagas);

  forget_counts();
  EXPECT_EQ(store->find_done(asked).size(), std::size_t{sagas});
  EXPECT_LE(rows_read("command"), 3 * sagas);
}

TEST_F(PlanTest, AListReadsAPageOfEachShardAtMost) {
  EXPECT_EQ(store->list({}, std::nullopt, 10).rows.size(), 10u);

  EXPECT_LE(rows_read("saga"), 20);
}

}  // namespace
}  // namespace amends::engine
