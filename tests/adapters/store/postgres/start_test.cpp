// amends.start() and amends.command(): sagas that start inside the caller's own transaction.
#include <libpq-fe.h>

#include <future>

#include "adapters/store/postgres/grants.hpp"
#include "adapters/store/postgres/start_key.hpp"
#include "engine/base/json.hpp"
#include "engine/base/sha256.hpp"
#include "engine/ports/retention.hpp"
#include "tests/adapters/store/postgres/database.hpp"

namespace amends::engine {
namespace {

class StartTest : public PostgresTest {
 protected:
  void SetUp() override {
    PostgresTest::SetUp();
    must_migrate();
    session = std::make_unique<PostgresSession>(url());
    session->ask("create table orders (id integer)");
  }
  std::string commands() { return session->ask("select count(*) from amends.command"); }
  // The SQLSTATE, "" when it went through.
  std::string fault_of(const std::string& sql, const std::string& user = "postgres") {
    PGconn* connection = ::PQconnectdb(url(user).c_str());
    PGresult* result = ::PQexec(connection, sql.c_str());
    const char* state = ::PQresultErrorField(result, PG_DIAG_SQLSTATE);
    std::string out = state == nullptr ? "" : state;
    ::PQclear(result);
    ::PQfinish(connection);
    return out;
  }

  std::unique_ptr<PostgresSession> session;
};

TEST_F(StartTest, AStartThatIsRolledBackLeavesNothingAndACommittedOneIsOneCommandForItsShard) {
  session->ask("begin; insert into orders values (1); select amends.start('order', 'k1'); rollback");
  EXPECT_EQ(commands(), "0");
  EXPECT_EQ(session->ask("select count(*) from amends.start_key"), "0");

  const std::string saga = session->ask(
      "begin; insert into orders values (1);"
      "select amends.start('order', 'k1', '{\"amount\": 3}', '{\"shop\": \"a\"}', 2)");
  session->ask("commit");

  const auto id = SagaId::parse(saga);
  ASSERT_TRUE(id) << saga;
  auto store = must_open({.is_shared = true});
  must_take_over(*store);
  const auto rows = store->read_commands({id->shard()}, std::nullopt, 9);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].kind, "start");
  EXPECT_EQ(rows[0].saga, *id);
  EXPECT_EQ(rows[0].id.shard(), id->shard());
  EXPECT_EQ(
      Json::parse(rows[0].body),
      Json::parse(R"({"workflow":"order","key":"k1","input":{"amount":3},"tags":{"shop":"a"},"version":2})"));
}

TEST_F(StartTest, TheSameKeyGivesTheSameSagaAndAnotherBodyIsRefused) {
  const std::string first = session->ask("select amends.start('order', 'k', '{\"b\": 1, \"a\": 2}')");

  EXPECT_EQ(session->ask("select amends.start('order', 'k', '{\"a\":2,\"b\":1}')"), first);
  EXPECT_NE(session->ask("select amends.start('other', 'k', '{\"a\":2,\"b\":1}')"), first);
  EXPECT_EQ(fault_of("select amends.start('order', 'k', '{\"a\": 3}')"), "23505");
  EXPECT_EQ(commands(), "2");
}

TEST_F(StartTest, TheSameKeyInTwoConcurrentTransactionsGivesOneSaga) {
  PostgresSession rival(url());
  const std::string first = rival.ask("begin; select amends.start('order', 'k')");
  auto second = std::async(std::launch::async,
                           [&] { return PostgresSession(url()).ask("select amends.start('order', 'k')"); });
  session->wait_until(
      "select count(*) = 1 from pg_stat_activity where datname = current_database() and wait_event_type = "
      "'Lock'");
  rival.ask("commit");

  EXPECT_EQ(second.get(), first);
  EXPECT_EQ(commands(), "1");
}

TEST_F(StartTest, ItsKeyIsClaimedAlreadyWhenTheOwnerWritesItAndAsksForNone) {
  const std::string saga = session->ask("select amends.start('order', 'k')");
  auto store = must_open({.is_shared = true});
  must_take_over(*store);
  NewSaga start = keyed_start_of(1, "k");
  start.row.id = *SagaId::parse(saga);
  start.key.reset();

  const auto result = store->commit({.starts = {start}, .updates = {}, .journal = {}});

  ASSERT_EQ(result.status, CommitStatus::committed) << result.error;
  EXPECT_TRUE(result.taken.empty());
  EXPECT_NE(store->find_saga(start.row.id), std::nullopt);
  EXPECT_EQ(store->find_start_key("order", "k"), start.row.id);
}

TEST_F(StartTest, WhatCannotBeStartedIsRefusedWithItsReason) {
  for (const char* call :
       {"amends.start('')", "amends.start(null)", "amends.start('w', repeat('k', 201))",
        "amends.start('w', E'a\\tb')", "amends.start('w', 'k', null)", "amends.start('w', 'k', '{}', '[]')",
        "amends.start('w', 'k', '{}', '{\"a\": 1}')", "amends.start('w', 'k', '{}', '{}', 0)",
        "amends.command(gen_random_uuid(), 'cancel', 'r')",
        "amends.command(amends.make_id(1), 'explode', 'r')",
        "amends.command(amends.make_id(100), 'cancel', 'r')"}) {
    EXPECT_EQ(fault_of("select " + std::string(call)), "22023") << call;
  }
  EXPECT_EQ(commands(), "0");
}

TEST_F(StartTest, ItNotifiesOnlyWhenAsked) {
  PGconn* listener = ::PQconnectdb(url().c_str());
  ::PQclear(::PQexec(listener, "listen amends_commands"));
  const auto heard = [&] {
    // A round trip brings what was committed before it.
    ::PQclear(::PQexec(listener, "select 1"));
    int count = 0;
    while (PGnotify* notice = ::PQnotifies(listener)) {
      ++count;
      ::PQfreemem(notice);
    }
    return count;
  };
  const std::string saga = session->ask("select amends.start('order')");
  session->ask("select amends.command('" + saga + "', 'cancel', 'r')");
  EXPECT_EQ(heard(), 0);

  session->ask("select amends.start('order', wake => true)");
  session->ask("select amends.command('" + saga + "', 'cancel', 'r', wake => true)");
  EXPECT_EQ(heard(), 2);
  ::PQfinish(listener);
}

TEST_F(StartTest, AClientsRoleMayCallTheTwoFunctionsAndNothingElse) {
  session->ask(
      "do $$ begin create role sql_looker login; create role sql_client login;"
      " exception when duplicate_object then null; end $$");
  session->ask(postgres::client_grants("sql_client"));

  EXPECT_EQ(fault_of("select amends.start('order', 'k')", "sql_client"), "");
  EXPECT_EQ(fault_of("select amends.command(amends.make_id(1), 'cancel', 'r')", "sql_client"), "");
  for (const char* sql : {"select * from amends.command", "select * from amends.start_key",
                          "insert into amends.shard values (99, null)", "select * from amends.saga"})
    EXPECT_EQ(fault_of(sql, "sql_client"), "42501") << sql;
  EXPECT_EQ(fault_of("select amends.start('order')", "sql_looker"), "42501");
}

TEST_F(StartTest, AnEngineOfTheEnginesRoleDoesAllThatSharingNeeds) {
  session->ask(
      "do $$ begin create role sql_engine login; create role sql_reader login;"
      " exception when duplicate_object then null; end $$");
  session->ask(postgres::grants("sql_engine", "sql_reader"));
  auto store = must_open({.is_shared = true}, "sql_engine");
  must_take_over(*store);
  EXPECT_EQ(store->tend(at_second(0)).owned.size(), 64u);
  const CommandRow row{.id = id_of(1), .kind = "cancel", .saga = id_of(1), .at = at_second(1), .body = "{}"};
  store->post_command(row);
  const CommitResult done = store->commit({.answered = {{id_of(1), "accepted", ""}}});
  EXPECT_EQ(done.status, CommitStatus::committed) << done.error;
  EXPECT_EQ(store->find_done({id_of(1)}).size(), 1u);
  store->retention()->forget_keys(at_second(0), at_second(0), 9);
  store->retention()->forget_commands({0}, at_second(0), 9);
  EXPECT_EQ(store->engines().size(), 1u);
  store->give_up({1});
  store->leave();
}

TEST_F(StartTest, TheKeyIsRememberedAsLongAsTheEngineThatCameLastIsConfigured) {
  const auto days = [&](const std::string& key) {
    session->ask("select amends.start('order', '" + key + "')");
    return session->ask(
        "select round(extract(epoch from until - now()) / 86400) from amends.start_key where key = '" + key +
        "'");
  };
  EXPECT_EQ(days("before any engine"), "30");
  auto store = must_open({.is_shared = true, .keys_retention = std::chrono::hours(24 * 90)});
  must_take_over(*store);

  EXPECT_EQ(days("k"), "90");
}

TEST_F(StartTest, AKeyWhoseStartIsUndecidedIsNotForgotten) {
  session->ask("select amends.start('order', 'k')");
  session->ask("update amends.start_key set until = now() - interval '1 day'");
  auto store = must_open({.is_shared = true});
  must_take_over(*store);
  const WallTime now = std::chrono::time_point_cast<Micros>(std::chrono::system_clock::now());

  EXPECT_EQ(store->retention()->forget_keys(now, now, 9), 0u);
  session->ask("update amends.command set answered_at = now(), verdict = 'invalid', sentence = ''");
  EXPECT_EQ(store->retention()->forget_keys(now, now, 9), 1u);
}

// ---- the same in C++ and in SQL

TEST_F(StartTest, AKeysShardIsTheSameInBoth) {
  struct Vector {
    const char *workflow, *key;
    int shard;
  };
  // Fixed: keys that are stored stand where these say.
  for (const Vector& one : {Vector{"order", "k", 964},
                            {"fulfil-order", "order-4711", 3374},
                            {"w", "", 1111},
                            {"gr\xc3\xbc\xc3\x9f", "\xe2\x82\xac", 455}}) {
    EXPECT_EQ(postgres::key_shard(one.workflow, one.key, 4096), one.shard) << one.key;
    EXPECT_EQ(session->ask("select amends.hash_shard('" + std::string(one.workflow) + "', '" + one.key +
                           "', 4096)"),
              std::to_string(one.shard));
  }
}

TEST_F(StartTest, ABodysHashIsTheSameInBoth) {
  for (
      const std::string text :
      {R"({})",
       R"({"b":[1,-2,3.5,1.0,1.50,0.0001,1e-7,123456789012345678,18446744073709551615],"a":{"z":null,"y":true}})",
       R"({"text":"q\"b\\s\u0001\n\u00fc\ud83d\ude00/","Z":0,"a":"","ä":100000000000000000000.5})",
       R"([[],{},"x"])"}) {
    EXPECT_EQ(session->ask("select amends.canonical('" + text + "')"), canonical(parse_json(text).value));
  }
  const std::string hashed = "1:27:{\"a\":1}4:shop1:a4:zone0:";
  EXPECT_EQ(session->ask("select amends.body_hash(2, '{\"a\": 1}', '{\"zone\": \"\", \"shop\": \"a\"}')"),
            hex(sha256(hashed)));
}

}  // namespace
}  // namespace amends::engine
