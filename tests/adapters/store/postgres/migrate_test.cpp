// Migrations beside running engines: a next version that only expands, indexes built concurrently, and what
// is left of a migration that was killed.
#include <thread>

#include "adapters/store/postgres/sql.hpp"
#include "tests/adapters/store/postgres/database.hpp"

namespace amends::engine {
namespace {

using postgres::schema_newest;

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

// The real versions, and one more.
struct NextVersion {
  std::string schema, indexes;

  postgres::SchemaFiles files() const {
    return {.newest = schema_newest + 1, .read = [*this](const std::string& name) {
              const std::string next = std::to_string(schema_newest + 1);
              if (name == "schema_" + next) return schema;
              if (name == "indexes_" + next) return indexes;
              return std::string(postgres::sql_file(name));
            }};
  }
};

const std::string expands = "-- engines since: " + std::to_string(schema_newest) + "\n";
const NextVersion expanding{
    expands + "alter table amends.saga add column colour text; create table amends.extra (a integer);",
    "-- index: saga_colour\ncreate index concurrently saga_colour on amends.saga (colour);\n"
    "-- index: extra_a\ncreate unique index concurrently extra_a on amends.extra (a);\n"};

class MigrateTest : public PostgresTest {
 protected:
  void SetUp() override {
    PostgresTest::SetUp();
    must_migrate();
    session = std::make_unique<PostgresSession>(url());
  }
  std::string valid(const std::string& index) {
    return session->ask("select indisvalid from pg_index where indexrelid = to_regclass('amends." + index +
                        "')");
  }
  // What an index build leaves whose server process was killed.
  void invalidate(const std::string& index) {
    session->ask("update pg_index set indisvalid = false where indexrelid = 'amends." + index +
                 "'::regclass");
  }
  static CommitStatus commit(Store& store, int n) {
    return store.commit({.starts = {start_of(n)}, .updates = {}, .journal = {entry_of(n, 1)}}).status;
  }

  std::unique_ptr<PostgresSession> session;
};

TEST_F(MigrateTest, HowManyShardsThereAreIsSaidOnceAndAnotherNumberIsRefusedLater) {
  EXPECT_EQ(session->ask("select count(*) from amends.shard"), "64");
  EXPECT_EQ(postgres::migrate(url(), 64).error, "");
  EXPECT_EQ(postgres::migrate(url()).error, "");

  const auto refused = postgres::migrate(url(), 16);

  EXPECT_EQ(refused.error_class, "shards_fixed");
  EXPECT_TRUE(contains(refused.error, "has 64 shards")) << refused.error;
  postgres_server().create_database(name + "_16");
  const std::string other = postgres_server().url(name + "_16");
  EXPECT_EQ(postgres::migrate(other, 16).error, "");
  EXPECT_EQ(PostgresSession(other).ask("select count(*) from amends.shard"), "16");
}

TEST_F(MigrateTest, ARunningEngineGoesOnAndANewOneStartsOnANextVersionThatOnlyExpands) {
  auto running = must_open();
  must_take_over(*running);

  const auto migrated = postgres::migrate(url(), expanding.files());

  EXPECT_EQ(migrated.error, "");
  EXPECT_EQ(migrated.to, schema_newest + 1);
  EXPECT_EQ(valid("saga_colour"), "t");
  EXPECT_EQ(commit(*running, 1), CommitStatus::committed);
  auto another = must_open();
  must_take_over(*another);
  EXPECT_EQ(commit(*another, 2), CommitStatus::committed);
  EXPECT_NE(another->find_saga(id_of(1)), std::nullopt);
}

TEST_F(MigrateTest, ANextVersionThatContractsIsRefusedByTheEnginesOfThisOne) {
  const NextVersion contracting{"alter table amends.saga rename column step to stage;", ""};
  ASSERT_EQ(postgres::migrate(url(), contracting.files()).error, "");

  const auto opened = postgres::PostgresStore::open(url());

  EXPECT_FALSE(opened.store);
  EXPECT_TRUE(contains(opened.error, "newer Amends")) << opened.error;
}

TEST_F(MigrateTest, TheNextEngineRunsOnTodaysVersionWhereItsRangeSaysSo) {
  postgres::Watchdog dog(std::chrono::seconds(9));
  postgres::Connection connection(postgres::read_address(url()), dog);

  EXPECT_NO_THROW(postgres::check_schema(connection, {schema_newest, schema_newest + 1}));
  try {
    postgres::check_schema(connection, {schema_newest + 1, schema_newest + 1});
    FAIL() << "an older schema was accepted";
  } catch (const postgres::PostgresError& error) {
    EXPECT_TRUE(contains(error.text, "older schema version")) << error.text;
  }
}

TEST_F(MigrateTest, WhatAKilledMigrationLeftIsFinishedByTheNextOneAndAnInvalidIndexBuiltAgain) {
  const auto cut = NextVersion{expanding.schema, expanding.indexes + "-- index: bad\ncreate nonsense;"};
  const auto failed = postgres::migrate(url(), cut.files());
  ASSERT_NE(failed.error, "");
  EXPECT_EQ(failed.to, schema_newest);
  invalidate("saga_colour");
  const std::string broken = session->ask("select 'amends.saga_colour'::regclass::oid");

  must_take_over(*must_open());  // half a version that expands hurts nobody
  const auto migrated = postgres::migrate(url(), expanding.files());

  EXPECT_EQ(migrated.error, "");
  EXPECT_EQ(migrated.from, schema_newest);
  EXPECT_EQ(migrated.to, schema_newest + 1);
  EXPECT_EQ(valid("saga_colour"), "t");
  EXPECT_NE(session->ask("select 'amends.saga_colour'::regclass::oid"), broken);
}

TEST_F(MigrateTest, FourMigrationsAtOnceBuildTheirIndexesConcurrentlyWithoutWaitingForEachOtherForEver) {
  session->ask(
      "insert into amends.saga (created_at, updated_at, seq, shard_id, active, saga_id, plan_id, workflow, "
      "key, state,"
      " step, error_class) select now(), now(), 1, 0, true, gen_random_uuid(), 'p', 'w', '', 'running', '', "
      "''"
      " from generate_series(1, 20000)");
  std::vector<postgres::Migrated> done(4);
  std::vector<std::thread> threads;
  for (auto& one : done) threads.emplace_back([&] { one = postgres::migrate(url(), expanding.files()); });
  for (auto& thread : threads) thread.join();

  int made = 0;
  for (const auto& one : done) {
    EXPECT_EQ(one.error, "");
    EXPECT_EQ(one.to, schema_newest + 1);
    if (one.from != one.to) ++made;
  }
  EXPECT_EQ(made, 1);
  EXPECT_EQ(valid("saga_colour"), "t");
}

TEST_F(MigrateTest, AChangeOfATableDoesNotQueueBehindALongReaderForLong) {
  PostgresSession reader(url());
  reader.ask("begin; select count(*) from amends.saga");
  auto engine = must_open();
  must_take_over(*engine);
  std::thread migrating([&] { EXPECT_EQ(postgres::migrate(url(), expanding.files()).error, ""); });
  session->wait_until(
      "select count(*) = 1 from pg_stat_activity where wait_event_type = 'Lock' and query like '%add column "
      "colour%'"
      " and datname = current_database()");

  EXPECT_EQ(commit(*engine, 1), CommitStatus::committed);  // behind the change, until that gives up for now

  reader.ask("commit");
  migrating.join();
}

TEST_F(MigrateTest, ATableThatSomebodyKeepsIsGivenUpForAndHeIsNamed) {
  PostgresSession reader(url());
  reader.ask("begin; select count(*) from amends.saga");
  const std::string process = reader.ask("select pg_backend_pid()");
  auto files = expanding.files();
  files.table_lock_tries = 2;

  const auto migrated = postgres::migrate(url(), files);

  EXPECT_TRUE(contains(migrated.error, "in use by the server's process " + process + " (postgres), whose"))
      << migrated.error;
  EXPECT_EQ(migrated.to, schema_newest);
  reader.ask("commit");
  EXPECT_EQ(postgres::migrate(url(), files).error, "");
}

TEST_F(PostgresTest, AFilledStoreOfTheFirstVersionKeepsItsRowsAndItsKeysAreFoundInTheirNewShards) {
  const postgres::SchemaFiles first{
      .newest = 1, .read = [](const std::string& file) { return std::string(postgres::sql_file(file)); }};
  ASSERT_EQ(postgres::migrate(url(), first).error, "");
  PostgresSession session(url());
  session.ask(
      "update amends.writer set epoch = 5, commit_seq = 9, engine_id = 'e1', taken_at = now();"
      "insert into amends.saga (created_at, updated_at, seq, shard_id, active, saga_id, plan_id, workflow, "
      "key, state,"
      " step, error_class) select now(), now(), 1, 0, true, ('01890000-0000-7000-8000-0000000000' || "
      "n)::uuid, 'p',"
      " 'order', 'k' || n, 'running', '', '' from generate_series(10, 59) n;"
      "insert into amends.start_key (until, shard_id, saga_id, workflow, key, body_hash)"
      " select now(), 0, saga_id, workflow, key, 'h' from amends.saga");
  EXPECT_FALSE(postgres::PostgresStore::open(url()).store);  // an older version says so

  ASSERT_EQ(postgres::migrate(url(), 16).to, schema_newest);

  EXPECT_EQ(session.ask("select epoch > 5 from amends.writer"), "t");  // an engine of before is fenced
  EXPECT_EQ(session.ask("select count(distinct shard_id) > 4 and max(shard_id) < 16 from amends.start_key"),
            "t");
  auto store = must_open();
  EXPECT_EQ(must_take_over(*store).commit_seq, 9u);
  EXPECT_EQ(store->load_live(0, std::nullopt, 99).size(), 50u);
  EXPECT_EQ(store->find_start_key("order", "k17")->text(), "01890000-0000-7000-8000-000000000017");
  EXPECT_EQ(store->shards().size(), 16u);
  EXPECT_EQ(
      session.ask("select string_agg(indexrelid::regclass::text, ' ' order by indexrelid::regclass::text)"
                  " from pg_index where indrelid = 'amends.saga'::regclass and not indisprimary"),
      "amends.saga_due amends.saga_ended_badly amends.saga_live");
}

TEST(ServerVersion, IsNamedWhenItIsTooOld) {
  EXPECT_EQ(postgres::find_server_fault(130013, "13.13"),
            "the server is PostgreSQL 13.13; Amends needs 14 or a newer one");
  EXPECT_EQ(postgres::find_server_fault(140000, "14.0"), "");
}

}  // namespace
}  // namespace amends::engine
