#include "tests/support/fault_proxy.hpp"

#include <gtest/gtest.h>
#include <libpq-fe.h>

#include "tests/support/postgres.hpp"

namespace amends::testing_support {
namespace {

// A client of PostgreSQL through the proxy, with the prepared statement "add", and a look at what arrived.
class FaultProxyTest : public testing::Test {
 protected:
  void SetUp() override {
    direct.ask("create table if not exists added (what text); truncate added");
    client = connect();
    PQclear(PQprepare(client, "add", "insert into added values ($1)", 1, nullptr));
  }
  void TearDown() override { PQfinish(client); }

  PGconn* connect() { return PQconnectdb(proxy.url("postgres").c_str()); }
  void send_add() {
    const char* values[] = {"a value that is long enough to be cut"};
    ASSERT_EQ(PQsendQueryPrepared(client, "add", 1, values, nullptr, nullptr, 0), 1);
  }
  // Whether the client was told that its row is in.
  bool hears_success() {
    PGresult* result = PQgetResult(client);
    const bool out = PQresultStatus(result) == PGRES_COMMAND_OK;
    PQclear(result);
    return out;
  }
  std::string added() { return direct.ask("select count(*) from added"); }

  PostgresSession direct{postgres_server().url()};
  FaultProxy proxy{postgres_server().socket()};
  PGconn* client = nullptr;
};

TEST_F(FaultProxyTest, PassesEverythingOnWhileNothingIsArmed) {
  send_add();

  EXPECT_TRUE(hears_success());
  EXPECT_EQ(added(), "1");
  EXPECT_EQ(proxy.accepted(), 1u);
}

TEST_F(FaultProxyTest, ACutOnTheWayThereLeavesNothingAtTheServer) {
  for (const std::size_t bytes : {0u, 1u, 40u}) {
    proxy.arm({.text = statement_sent("add"), .bytes_after = bytes}, FaultAction::cut);
    send_add();

    EXPECT_FALSE(hears_success());
    EXPECT_TRUE(proxy.wait_for_fault());
    EXPECT_EQ(added(), "0");
    TearDown();
    SetUp();
  }
}

TEST_F(FaultProxyTest, ASwallowedAnswerLeavesTheRowAtTheServerAndTheClientInDoubt) {
  proxy.arm({.text = statement_sent("add")}, FaultAction::swallow_answer);
  send_add();

  EXPECT_FALSE(hears_success());
  EXPECT_TRUE(proxy.wait_for_fault());
  EXPECT_EQ(added(), "1");
}

TEST_F(FaultProxyTest, ACutInsideTheAnswerIsNoAnswer) {
  proxy.arm({.way = FaultPoint::Way::to_client, .bytes_after = 3}, FaultAction::cut);
  send_add();

  EXPECT_FALSE(hears_success());
  EXPECT_EQ(added(), "1");
}

TEST_F(FaultProxyTest, AStalledStatementArrivesWhenTheStallEnds) {
  proxy.arm({.text = statement_sent("add"), .bytes_after = 5}, FaultAction::stall);
  send_add();
  PQflush(client);
  ASSERT_TRUE(proxy.wait_for_fault());
  EXPECT_EQ(added(), "0");

  proxy.stall(false);

  EXPECT_TRUE(hears_success());
  EXPECT_EQ(added(), "1");
}

TEST_F(FaultProxyTest, RefusesNewConnectionsAndTakesThemAgainOnTheSamePort) {
  proxy.refuse(true);
  PGconn* refused = connect();
  EXPECT_NE(std::string(PQerrorMessage(refused)).find("refused"), std::string::npos)
      << PQerrorMessage(refused);
  PQfinish(refused);
  send_add();
  EXPECT_TRUE(hears_success());  // who is in stays in

  proxy.refuse(false);

  PGconn* again = connect();
  EXPECT_EQ(PQstatus(again), CONNECTION_OK) << PQerrorMessage(again);
  PQfinish(again);
}

TEST_F(FaultProxyTest, DelaysBothWays) {
  proxy.delay(std::chrono::milliseconds(20));
  const auto begin = std::chrono::steady_clock::now();
  send_add();

  EXPECT_TRUE(hears_success());
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(40));
}

TEST_F(FaultProxyTest, CutsAllAtOnce) {
  proxy.cut_all();
  send_add();

  EXPECT_FALSE(hears_success());
  EXPECT_EQ(added(), "0");
}

}  // namespace
}  // namespace amends::testing_support
