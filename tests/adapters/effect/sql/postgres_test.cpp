// What a real PostgreSQL answers, and what is made of it.
#include <sys/stat.h>

#include <fstream>
#include <future>
#include <sstream>

#include "tests/adapters/effect/sql/sql_fixture.hpp"

namespace amends::sql {
namespace {

class PostgresEndpointTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(ensure_barrier(shop.url()), "");
    use(shop.url());
  }
  void TearDown() override { desk.reset(); }
  void use(const std::string& url) {
    desk = std::make_unique<Desk>(url);
    desk->options.note = [this](const std::string& note) {
      const std::lock_guard lock(mutex);
      notes.push_back(note);
    };
  }
  // What was noted, as one text.
  std::string noted() {
    const std::lock_guard lock(mutex);
    std::string out;
    for (const std::string& note : notes) out += note + "\n";
    return out;
  }
  Reply ask(const std::string& sql, const Step& step = {}) {
    return desk->ask(engine::Json{{"sql", sql}}.dump(), step);
  }

  PostgresShop shop;
  std::mutex mutex;
  std::vector<std::string> notes;
  std::unique_ptr<Desk> desk;
};

TEST_F(PostgresEndpointTest, WhoDoesNotGetInIsTransientAndLoud) {
  use(shop.url("nobody_knows"));
  const Reply role = ask("select 1");
  use("postgres://postgres@/no_such_shop?" + shop.url().substr(shop.url().find('?') + 1));
  const Reply database = ask("select 1");

  EXPECT_EQ(role.outcome, Outcome::transient);
  EXPECT_EQ(role.error_class, "sql_28000") << role.error;
  EXPECT_EQ(database.outcome, Outcome::transient);
  EXPECT_EQ(database.error_class, "sql_3d000") << database.error;
  EXPECT_NE(noted().find("role \"nobody_knows\" does not exist"), std::string::npos) << noted();
  EXPECT_NE(noted().find("\"no_such_shop\" does not exist"), std::string::npos) << noted();
}

TEST_F(PostgresEndpointTest, ThePasswordIsReadWhereItIsAndSaidNowhere) {
  PostgresSession session(shop.url());
  session.ask(
      "create role locked login password 'the right one'; grant all on all tables in schema public to "
      "locked");
  const std::string hba = session.ask("show hba_file");
  std::stringstream old;
  old << std::ifstream(hba).rdbuf();
  std::ofstream(hba) << "local all locked scram-sha-256\n" << old.str();
  session.ask("select pg_reload_conf()");
  session.wait_until("select count(*) > 0 from pg_hba_file_rules where 'locked' = any (user_name)");

  const auto ask_with = [&](const std::string& reference) {
    use(shop.url("locked"));
    desk->endpoint.password = reference;
    return ask("select 1", {.name = "with-" + reference.substr(0, 4)});
  };
  ::setenv("AMENDS_TEST_RIGHT", "the right one", 1);
  ::setenv("AMENDS_TEST_WRONG", "s3cret", 1);
  const auto file =
      std::filesystem::temp_directory_path() / ("amends-sql-password-" + std::to_string(::getpid()));
  std::ofstream(file) << "the right one\n";
  // The server reads its rules a moment after it was told to.
  Reply wrong = ask_with("env:AMENDS_TEST_WRONG");
  while (wrong.outcome == Outcome::done) wrong = ask_with("env:AMENDS_TEST_WRONG");
  const Reply missing = ask_with("env:AMENDS_TEST_NOT_SET");
  const Reply from_variable = ask_with("env:AMENDS_TEST_RIGHT");
  const Reply from_file = ask_with("file:" + file.string());
  std::filesystem::remove(file);
  // Its open would wait for a writer, and hold a connection of the pool for ever.
  ASSERT_EQ(::mkfifo(file.c_str(), 0600), 0);
  const Reply from_pipe = ask_with("file:" + file.string());
  std::filesystem::remove(file);
  std::ofstream(hba) << old.str();
  session.ask("select pg_reload_conf()");

  EXPECT_EQ(from_variable.outcome, Outcome::done) << from_variable.error;
  EXPECT_EQ(from_file.outcome, Outcome::done) << from_file.error;
  EXPECT_EQ(wrong.outcome, Outcome::transient);
  EXPECT_EQ(wrong.error_class, "sql_28p01") << wrong.error;
  EXPECT_EQ(missing.outcome, Outcome::transient);
  EXPECT_EQ(missing.error_class, "no_credential");
  EXPECT_EQ(from_pipe.error_class, "no_credential");
  EXPECT_NE(noted().find("password authentication failed"), std::string::npos) << noted();
  EXPECT_EQ(noted().find("s3cret"), std::string::npos);
  EXPECT_EQ(wrong.error.find("s3cret"), std::string::npos);
}

TEST_F(PostgresEndpointTest, TheRoleNeedsNoMoreThanTheBarriersRowsAndItsOwnTables) {
  shop.ask(
      "create role clerk login; grant select, insert on amends_barrier to clerk;"
      "grant select, update on stock to clerk");
  use(shop.url("clerk"));

  EXPECT_EQ(desk->ask(hold_json).outcome, Outcome::done);
  const Reply missing = ask("insert into hold (id, sku, quantity) values (1, 'a', 1)", {.name = "other"});
  EXPECT_EQ(missing.outcome, Outcome::transient);
  EXPECT_EQ(missing.error_class, "sql_42501");
  EXPECT_NE(noted().find("permission denied"), std::string::npos) << noted();
}

TEST_F(PostgresEndpointTest, ADeadlockIsTransient) {
  shop.ask("insert into stock (sku, free) values ('b', 10); alter database " + shop.name() +
           " set deadlock_timeout = '10ms'");
  PostgresSession rival(shop.url()), gate(shop.url());
  rival.ask("set deadlock_timeout = '60s'; begin; update stock set free = 1 where sku = 'b'");
  gate.ask("select pg_advisory_lock(1)");
  desk->submit(
      attempt_of(R"~({"transaction":[{"name":"a","sql":"update stock set free = 2 where sku = 'a'"},)~"
                 R"~({"name":"gate","sql":"select pg_advisory_xact_lock(1)"},)~"
                 R"~({"name":"b","sql":"update stock set free = 2 where sku = 'b'"}]})~"));
  const auto wait_for = [&](const std::string& query) {
    shop.session().wait_until(
        "select count(*) = 1 from pg_stat_activity where datname = current_database()"
        " and wait_event_type = 'Lock' and query like '" +
        query + "%'");
  };
  wait_for("select pg_advisory_xact_lock(1)");
  auto other =
      std::async(std::launch::async, [&] { rival.ask("update stock set free = 3 where sku = 'a'"); });
  wait_for("update stock set free = 3");
  // Who closes the circle looks for it first, and is the victim.
  gate.ask("select pg_advisory_unlock(1)");

  const Reply reply = desk->sink.wait(1).at(0).reply;
  other.get();
  rival.ask("rollback");

  EXPECT_EQ(reply.outcome, Outcome::transient);
  EXPECT_EQ(reply.error_class, "sql_40p01") << reply.error;
}

TEST_F(PostgresEndpointTest, ALockThatIsNotToBeHadIsTransient) {
  PostgresSession rival(shop.url());
  rival.ask("begin; update stock set free = 1");

  EXPECT_EQ(ask("select sku from stock for update nowait").error_class, "sql_55p03");
  rival.ask("rollback");
}

TEST_F(PostgresEndpointTest, WhatOnlyTheCommitRefusesIsRejectedAndKept) {
  shop.ask(
      "create table parent (id integer primary key);"
      "create table child (parent integer references parent deferrable initially deferred)");

  const Reply first = ask("insert into child (parent) values (1)");
  shop.ask("insert into parent (id) values (1)");
  const Reply again = ask("insert into child (parent) values (1)");

  EXPECT_EQ(first.outcome, Outcome::rejected);
  EXPECT_EQ(first.error_class, "sql_23503");
  EXPECT_EQ(again.outcome, Outcome::rejected);
  EXPECT_EQ(again.error, first.error);
  EXPECT_EQ(shop.ask("select count(*) from child"), "0");
}

TEST_F(PostgresEndpointTest, WhatAFunctionRaisesIsABusinessAnswer) {
  shop.ask(
      "create function refuse() returns integer language plpgsql as"
      " $$ begin raise exception 'closed on Sundays'; end $$");

  const Reply reply = ask("select refuse()");

  EXPECT_EQ(reply.outcome, Outcome::rejected);
  EXPECT_EQ(reply.error, "rolled back: closed on Sundays (P0001)");
}

TEST_F(PostgresEndpointTest, AReadOnlyDatabaseIsTransientAndLoud) {
  shop.ask("alter database " + shop.name() + " set default_transaction_read_only = on");

  EXPECT_EQ(desk->ask(hold_json).error_class, "sql_25006");
  EXPECT_NE(noted().find("read-only"), std::string::npos) << noted();
}

TEST_F(PostgresEndpointTest, AProcedureThatCommitsIsRejectedAndRolledBack) {
  shop.ask("create procedure sneak() language plpgsql as $$ begin update stock set free = 0; commit; end $$");

  EXPECT_EQ(ask("call sneak()").outcome, Outcome::rejected);
  EXPECT_EQ(shop.ask("select free from stock"), "10");
}

TEST_F(PostgresEndpointTest, TextFormsDoNotDependOnTheDatabasesSettings) {
  shop.ask("alter database " + shop.name() + " set datestyle = 'German'; alter database " + shop.name() +
           " set timezone = 'Asia/Kolkata'; alter database " + shop.name() + " set bytea_output = 'escape'");

  const Reply reply = desk->ask(
      R"({"result":"row","sql":"select timestamptz '2026-11-24 12:00:00+00' as at, bytea '\\x00ff' as raw, 1.50::numeric as money, interval '90 minutes' as took, 'NaN'::float8 as nan"})");

  EXPECT_EQ(reply.result,
            R"({"at":"2026-11-24 12:00:00+00","money":"1.50","nan":"NaN","raw":"\\x00ff","took":"PT1H30M"})")
      << reply.error;
}

TEST_F(PostgresEndpointTest, ParametersFindTheirTypes) {
  shop.ask("create table kinds (u uuid, d date, m numeric, a integer[], e boolean, j jsonb)");

  const Reply reply = desk->ask(
      R"({"params":["01890000-0000-7000-8000-000000000000","2026-11-24","12.50","{1,2}",true,{"b":1}],"result":"row",)"
      R"("sql":"insert into kinds values ($1, $2, $3, $4, $5, $6) returning u, d, m, a, e, j"})");

  EXPECT_EQ(
      reply.result,
      R"({"a":"{1,2}","d":"2026-11-24","e":true,"j":{"b":1},"m":"12.50","u":"01890000-0000-7000-8000-000000000000"})")
      << reply.error;
}

TEST_F(PostgresEndpointTest, AnIdleConnectionIsClosedAndTheNextStepConnectsAgain) {
  desk->options.idle_max = std::chrono::milliseconds(1);
  desk->ask(hold_json, {.name = "one"});

  shop.session().wait_until(
      "select count(*) = 0 from pg_stat_activity where datname = current_database() and application_name = "
      "'amends'");
  EXPECT_EQ(desk->ask(hold_json, {.name = "two"}).outcome, Outcome::done);
}

TEST(SqlEndpointFindings, SayWhatCannotBeUsed) {
  const auto say = [](auto change) {
    SqlEndpoint endpoint = endpoint_at("postgres://me@there/shop");
    change(endpoint);
    const auto found = findings(endpoint);
    return found.empty() ? "" : found.front();
  };
  EXPECT_EQ(say([](SqlEndpoint&) {}), "");
  EXPECT_EQ(say([](SqlEndpoint& e) { e.url = "sqlite:/tmp/x.db"; }), "");
  const std::string secret = say([](SqlEndpoint& e) { e.url = "postgres://me:s3cret@there/shop"; });
  EXPECT_NE(secret.find("holds a password"), std::string::npos);
  EXPECT_EQ(secret.find("s3cret"), std::string::npos);
  EXPECT_NE(say([](SqlEndpoint& e) { e.url = "postgres://there?password=s3cret"; }), "");
  EXPECT_NE(say([](SqlEndpoint& e) { e.url = "postgres://there?no_such=1"; }), "");
  EXPECT_NE(say([](SqlEndpoint& e) { e.url = "host=there"; }), "");
  EXPECT_NE(say([](SqlEndpoint& e) { e.url = "sqlite:relative.db"; }), "");
  EXPECT_NE(say([](SqlEndpoint& e) { e.password = "s3cret"; }), "");
  EXPECT_NE(say([](SqlEndpoint& e) { e.barrier = false; }), "");
  EXPECT_NE(say([](SqlEndpoint& e) { e.facts.idempotency = engine::Idempotency::none; }), "");
  EXPECT_NE(say([](SqlEndpoint& e) { e.concurrency_max = 65; }), "");
  EXPECT_NE(say([](SqlEndpoint& e) { e.statements["x"] = "drop table stock"; }), "");
}

TEST(EnsureBarrier, SaysWhyItFailedAndIsSafeTwice) {
  PostgresShop shop;
  SqliteShop file;
  for (const std::string& url : {shop.url(), file.url()}) {
    bool was_missing = false;
    EXPECT_EQ(ensure_barrier(url, &was_missing), "");
    EXPECT_TRUE(was_missing) << url;
    EXPECT_EQ(ensure_barrier(url, &was_missing), "");
    EXPECT_FALSE(was_missing) << url;
  }
  EXPECT_NE(ensure_barrier(shop.url("nobody_knows")), "");
  EXPECT_NE(ensure_barrier("sqlite:/no/such/file.db"), "");
  EXPECT_NE(ensure_barrier("mysql://there"), "");
  PostgresShop other;
  other.ask(barrier_sql("postgres"));
  EXPECT_EQ(other.ask("select count(*) from amends_barrier"), "0");
}

}  // namespace
}  // namespace amends::sql
