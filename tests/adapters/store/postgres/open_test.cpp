// What is refused at the door, migrations, and least privilege.
#include <thread>

#include "adapters/store/postgres/address.hpp"
#include "adapters/store/postgres/grants.hpp"
#include "engine/ports/retention.hpp"
#include "tests/adapters/store/postgres/database.hpp"

namespace amends::engine {
namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

class OpenTest : public PostgresTest {};

TEST_F(OpenTest, AnEmptyDatabaseSaysWhatToRun) {
  const auto opened = postgres::PostgresStore::open(url());

  EXPECT_FALSE(opened.store);
  EXPECT_TRUE(contains(opened.error, "amends db migrate")) << opened.error;
}

TEST_F(OpenTest, MigratingTwiceIsSafe) {
  must_migrate();
  const auto again = postgres::migrate(url());

  EXPECT_EQ(again.error, "");
  EXPECT_EQ(again.from, postgres::schema_newest);
  EXPECT_EQ(again.to, postgres::schema_newest);
}

TEST_F(OpenTest, TwoMigrationsAtOnceLeaveOneSchema) {
  std::vector<postgres::Migrated> done(4);
  std::vector<std::thread> threads;
  for (auto& one : done) threads.emplace_back([&] { one = postgres::migrate(url()); });
  for (auto& thread : threads) thread.join();

  int made = 0;
  for (const auto& one : done) {
    EXPECT_EQ(one.error, "");
    if (one.from == 0) ++made;
  }
  EXPECT_EQ(made, 1);
  must_take_over(*must_open());
}

TEST_F(OpenTest, ANewerSchemaIsRefusedByMigrationAndStore) {
  must_migrate();
  PostgresSession(url()).ask(
      "insert into amends.schema_version (version, engines_since, is_ready) values (999, 999, true)");

  const auto opened = postgres::PostgresStore::open(url());
  const auto migrated = postgres::migrate(url());

  EXPECT_FALSE(opened.store);
  EXPECT_TRUE(contains(opened.error, "newer Amends")) << opened.error;
  EXPECT_TRUE(contains(migrated.error, "newer Amends")) << migrated.error;
}

TEST_F(OpenTest, AnAddressThatCannotBeReadIsNotRepeated) {
  for (const std::string address :
       {"postgres://u:secret@host:port/db", "postgres://u:secret@[/db", "nonsense=secret"}) {
    const auto opened = postgres::PostgresStore::open(address);
    EXPECT_FALSE(opened.store);
    EXPECT_NE(opened.error, "");
    EXPECT_FALSE(contains(opened.error, "secret")) << opened.error;
  }
}

TEST(Address, IsShownInPrintableCharacters) {
  EXPECT_EQ(postgres::read_address("postgres://a%0ab@h/d").shown, "a\\x0ab@h:5432/d");
  EXPECT_NE(postgres::find_tls_weakness("postgres://a@h%1b/d").find("on h\\x1b is"), std::string::npos);
}

TEST_F(OpenTest, ADatabaseThatIsNotThereIsASentenceWithoutThePassword) {
  const auto opened = postgres::PostgresStore::open(postgres_server().url("nowhere", "postgres:secret"));

  EXPECT_FALSE(opened.store);
  EXPECT_TRUE(contains(opened.error, "\"nowhere\" does not exist")) << opened.error;
  EXPECT_FALSE(contains(opened.error, "secret")) << opened.error;
}

TEST_F(OpenTest, AReadOnlyDatabaseCanBeReadAndNotTakenOver) {
  must_migrate();
  PostgresSession(url()).ask("alter database " + name + " set default_transaction_read_only = on");

  auto store = must_open();
  const Opened opened = store->take_over("e1", at_second(0));

  EXPECT_FALSE(opened.writer);
  EXPECT_TRUE(contains(opened.error, "25006")) << opened.error;
  EXPECT_EQ(must_open({.read_only = true})->find_saga(id_of(1)), std::nullopt);
}

TEST_F(OpenTest, AWriterNeverRunsWithoutSynchronousCommit) {
  must_migrate();
  PostgresSession owner(url());
  owner.ask("alter database " + name + " set synchronous_commit = off");
  postgres::Watchdog dog(std::chrono::seconds(9));
  postgres::Connection connection(postgres::read_address(url()), dog);
  connection.run("writer_session", postgres::Params().text("9000").text("9000"));

  EXPECT_STREQ(connection.run("show_synchronous_commit")[0][0].c_str(), "on");
}

// ---- roles

class GrantsTest : public PostgresTest {
 protected:
  void SetUp() override {
    PostgresTest::SetUp();
    must_migrate();
    PostgresSession owner(url());
    owner.ask(
        "do $$ begin create role engine_1 login; create role \"a \"\"reader\" login;"
        " exception when duplicate_object then null; end $$");
    owner.ask(postgres::grants("engine_1", "a \"reader"));
  }
};

TEST_F(GrantsTest, TheEnginesRoleCanDoAllThatAWriterDoes) {
  auto store = must_open({}, "engine_1");
  must_take_over(*store);

  NewSaga start = keyed_start_of(1, "k");
  start.tags = {{"a", "b"}};
  const auto result = store->commit({.starts = {start}, .updates = {}, .journal = {entry_of(1, 1)}});
  EXPECT_EQ(result.status, CommitStatus::committed) << result.error;
  const auto update = store->commit({.starts = {}, .updates = {ended(1, "completed")}, .journal = {}});
  EXPECT_EQ(update.status, CommitStatus::committed) << update.error;
  EXPECT_TRUE(store->ensure_plans({{"order@1", "order", 1, "s", "g"}}).empty());
  store->retention()->keep_keys({{id_of(1), "order", "k", at_second(2000)}});
  EXPECT_EQ(store->retention()->forget_keys(at_second(5000), at_second(5000), 9), 1u);
  EXPECT_EQ(store->list({.tags = {{"a", "b"}}}, std::nullopt, 9).rows.size(), 1u);
  EXPECT_EQ(store->retention()->find_ended(0, std::nullopt, at_second(99), 9, true).sagas.size(), 1u);
  EXPECT_EQ(store->retention()->retire({id_of(1)}), 1u);
  EXPECT_EQ(store->retention()->forget_commands({0}, at_second(99), 9), 0u);
}

TEST_F(GrantsTest, RetiringIsForTheEnginesRoleAlone) {
  EXPECT_EQ(PostgresSession(url()).ask("select has_function_privilege('a \"reader', 'amends.retire(uuid[])', "
                                       "'execute')"),
            "f");
  EXPECT_EQ(must_open({.read_only = true})->retention(), nullptr);
}

TEST_F(GrantsTest, TheEnginesRoleCannotChangeTheJournalNorTheSchema) {
  const auto may = [&](const std::string& right) {
    return PostgresSession(url()).ask("select has_table_privilege('engine_1', 'amends.journal', '" + right +
                                      "')");
  };
  EXPECT_EQ(may("insert"), "t");
  for (const char* right : {"update", "delete", "truncate"}) EXPECT_EQ(may(right), "f") << right;
  EXPECT_EQ(PostgresSession(url()).ask("select has_schema_privilege('engine_1', 'amends', 'create')"), "f");
}

TEST_F(GrantsTest, AReaderLooksAndDoesNotTakeOver) {
  const std::string reader = "a%20%22reader";
  EXPECT_EQ(must_open({.read_only = true}, reader)->find_saga(id_of(1)), std::nullopt);

  const Opened opened = must_open({}, reader)->take_over("e1", at_second(0));

  EXPECT_FALSE(opened.writer);
  EXPECT_TRUE(contains(opened.error, "42501")) << opened.error;
}

}  // namespace
}  // namespace amends::engine
