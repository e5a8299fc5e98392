// Connections that break while a step commits: it is unknown then, and asked again it has taken effect once.
#include "tests/adapters/effect/sql/sql_fixture.hpp"
#include "tests/support/fault_proxy.hpp"
#include "tests/support/faulty_vfs.hpp"

namespace amends::sql {
namespace {

using testing_support::FaultAction;
using testing_support::FaultPoint;
using testing_support::FaultProxy;

// In the message that has COMMIT as its text; "synchronous_commit" is none.
const std::string commit_text("\0commit\0", 8);

class DoubtTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(ensure_barrier(shop.url()), "");
    const std::string direct = shop.url();
    const auto begin = direct.rfind('/', direct.find('?')) + 1;
    desk = std::make_unique<Desk>(proxy.url(direct.substr(begin, direct.find('?') - begin)));
    desk->endpoint.concurrency_max = 1;
  }
  void TearDown() override { desk.reset(); }

  std::string free() { return shop.ask("select free from stock"); }
  // Waits until what hung in the server has ended one way or the other.
  void settle() {
    shop.session().wait_until(
        "select count(*) = 0 from pg_stat_activity where datname = current_database()"
        " and application_name = 'amends' and state <> 'idle'");
  }

  PostgresShop shop;
  FaultProxy proxy{postgres_server().socket()};
  std::unique_ptr<Desk> desk;
};

TEST_F(DoubtTest, ACommitThatIsCutOnItsWayIsUnknownAndHappensOnceWhenAskedAgain) {
  int landed = 0, lost = 0;
  int number = 0;
  // Parse ends two bytes behind the text; Bind, Describe, Execute and Sync are 37 more.
  for (std::size_t bytes = 0; bytes <= 39; bytes += 3) {
    const Step step{.name = "hold-" + std::to_string(++number)};
    const int before = std::stoi(free());
    proxy.arm({.text = commit_text, .bytes_after = bytes}, FaultAction::cut);

    const Reply first = desk->ask(hold_json, step);
    ASSERT_TRUE(proxy.wait_for_fault());
    settle();
    ++(std::stoi(free()) == before ? lost : landed);
    shop.ask("update stock set free = free");  // nobody holds the row any more
    const Reply second = desk->ask(hold_json, step);

    EXPECT_EQ(first.outcome, Outcome::unknown) << bytes;
    EXPECT_EQ(first.error_class, "connection_lost");
    EXPECT_EQ(second.outcome, Outcome::done) << second.error;
    EXPECT_EQ(std::stoi(free()), before - 2) << bytes;
    shop.ask("update stock set free = 10");
  }
  EXPECT_GT(lost, 0);
  EXPECT_GT(landed, 0);
}

TEST_F(DoubtTest, ACommitWhoseAnswerIsLostIsUnknownAndHeardWhenAskedAgain) {
  proxy.arm({.text = commit_text}, FaultAction::swallow_answer);

  const Reply first = desk->ask(hold_json);
  ASSERT_TRUE(proxy.wait_for_fault());
  EXPECT_EQ(free(), "8");
  const Reply second = desk->ask(hold_json);

  EXPECT_EQ(first.outcome, Outcome::unknown);
  EXPECT_EQ(second.outcome, Outcome::done);
  EXPECT_EQ(second.result, R"({"free":8,"sku":"a"})");
  EXPECT_EQ(free(), "8");
}

TEST_F(DoubtTest, ACommitThatHangsIsUnknownInTimeAndTheQuestionWaitsForItsEnd) {
  proxy.arm({.text = commit_text, .bytes_after = 2}, FaultAction::stall);

  const Reply first = desk->ask(hold_json, {.timeout = std::chrono::milliseconds(500)});
  // What hangs on the way holds the barrier's lock.
  const Reply second = desk->ask(hold_json, {.timeout = std::chrono::milliseconds(500)});
  EXPECT_EQ(free(), "10");
  proxy.stall(false);  // and now it arrives, late
  const Reply third = desk->ask(hold_json);

  EXPECT_EQ(first.outcome, Outcome::unknown);
  EXPECT_EQ(first.error_class, "timeout");
  EXPECT_EQ(second.outcome, Outcome::transient) << second.error;
  EXPECT_EQ(third.outcome, Outcome::done) << third.error;
  EXPECT_EQ(free(), "8");
}

TEST_F(DoubtTest, ATransactionThatNobodyGoesOnWithIsEndedByItsServer) {
  proxy.arm({.way = FaultPoint::Way::to_client, .text = "UPDATE 1"}, FaultAction::stall);

  const Reply first = desk->ask(hold_json, {.timeout = std::chrono::milliseconds(500)});
  // It gets the lock although the lost connection is never closed.
  const Reply second = desk->ask(hold_json);

  EXPECT_EQ(first.outcome, Outcome::transient);
  EXPECT_EQ(first.error_class, "timeout");
  EXPECT_EQ(second.outcome, Outcome::done) << second.error;
  EXPECT_EQ(free(), "8");
}

TEST_F(DoubtTest, WhatIsCutBeforeTheCommitSurelyDidNotHappen) {
  for (const std::string text :
       {"datestyle", "amends_barrier where", "update stock", "insert into amends_barrier"}) {
    const Step step{.name = "step-of-" + std::to_string(text.size())};
    proxy.arm({.text = text}, FaultAction::cut);

    const Reply first = desk->ask(hold_json, step);
    ASSERT_TRUE(proxy.wait_for_fault());
    settle();

    // The barrier's row travels with the COMMIT, so from there on nobody knows.
    const bool with_commit = text.starts_with("insert");
    EXPECT_EQ(first.outcome, with_commit ? Outcome::unknown : Outcome::transient) << text << first.error;
    EXPECT_EQ(free(), "10") << text;
  }
  EXPECT_EQ(desk->ask(hold_json).outcome, Outcome::done);
}

TEST_F(DoubtTest, ARefusalWhoseKeepingIsInDoubtIsUnknownAndRefusedWhenAskedAgain) {
  const std::string greedy =
      R"({"params":["a",11],"sql":"update stock set free = free - $2 where sku = $1"})";
  proxy.arm({.text = commit_text}, FaultAction::swallow_answer);

  const Reply first = desk->ask(greedy);
  ASSERT_TRUE(proxy.wait_for_fault());
  shop.ask("update stock set free = 50");
  const Reply second = desk->ask(greedy);

  EXPECT_EQ(first.outcome, Outcome::unknown);
  EXPECT_EQ(second.outcome, Outcome::rejected);
  EXPECT_EQ(second.error_class, "sql_23514");
  EXPECT_EQ(free(), "50");
}

TEST_F(DoubtTest, ABackendThatIsTerminatedWhileItWorksDidNotHappen) {
  PostgresSession rival(shop.url());
  rival.ask("begin; update stock set free = free");
  desk->submit(attempt_of(hold_json));
  const std::string waiting =
      " from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
  shop.session().wait_until("select count(*) = 1" + waiting);

  shop.ask("select pg_terminate_backend(pid)" + waiting);
  const auto answers = desk->sink.wait(1);
  rival.ask("rollback");

  EXPECT_EQ(answers.at(0).reply.outcome, Outcome::transient);
  EXPECT_EQ(answers.at(0).reply.error_class, "sql_57p01");
  EXPECT_EQ(desk->ask(hold_json).outcome, Outcome::done);
  EXPECT_EQ(free(), "8");
}

TEST_F(DoubtTest, AServerThatIsKilledWhileItWorksIsAskedAgainWhenItIsBack) {
  ASSERT_EQ(desk->ask(hold_json, {.name = "one"}).outcome, Outcome::done);
  postgres_server().crash();
  const Reply reply = desk->ask(hold_json);
  postgres_server().start();
  shop.reconnect();

  EXPECT_EQ(reply.outcome, Outcome::transient);
  EXPECT_EQ(desk->ask(hold_json).outcome, Outcome::done);
  EXPECT_EQ(free(), "6");
}

TEST_F(DoubtTest, AConnectionThatBrokeWhileNobodyUsedItCostsNoAttempt) {
  ASSERT_EQ(desk->ask(hold_json, {.name = "one"}).outcome, Outcome::done);
  const auto before = proxy.accepted();
  proxy.cut_all();

  EXPECT_EQ(desk->ask(hold_json, {.name = "two"}).outcome, Outcome::done);
  EXPECT_EQ(proxy.accepted(), before + 1);
}

TEST_F(DoubtTest, AServerThatIsNotThereIsTransientUntilItIs) {
  proxy.refuse(true);
  EXPECT_EQ(desk->ask(hold_json).error_class, "refused");
  proxy.refuse(false);

  proxy.stall(true);
  desk->options.connect_timeout = std::chrono::milliseconds(300);
  const Reply silent = desk->ask(hold_json, {.timeout = std::chrono::milliseconds(300)});
  EXPECT_EQ(silent.outcome, Outcome::transient);
  EXPECT_EQ(silent.error_class, "connect_timeout");
  proxy.stall(false);

  EXPECT_EQ(desk->ask(hold_json).outcome, Outcome::done);
}

// SQLite's file layer fails in the middle of COMMIT.
class FaultyDiskTest : public testing::Test {
 protected:
  void SetUp() override {
    const std::string name = test::faulty_vfs();
    usual = sqlite3_vfs_find(nullptr);
    sqlite3_vfs_register(sqlite3_vfs_find(name.c_str()), 1);
    ASSERT_EQ(ensure_barrier(shop.url()), "");
    desk = std::make_unique<Desk>(shop.url());
    ASSERT_EQ(desk->ask(hold_json, {.name = "first"}).outcome, Outcome::done);
  }
  void TearDown() override {
    test::disarm();
    desk.reset();
    sqlite3_vfs_register(usual, 1);
  }

  SqliteShop shop;
  std::unique_ptr<Desk> desk;
  sqlite3_vfs* usual = nullptr;
};

TEST_F(FaultyDiskTest, ACommitWhoseSyncFailsIsUnknownAndHappensOnceWhenAskedAgain) {
  test::arm({.call = test::FileCall::sync, .nth = 1});

  const Reply first = desk->ask(hold_json);
  ASSERT_TRUE(test::has_fired());
  test::disarm();
  const Reply second = desk->ask(hold_json);

  EXPECT_EQ(first.outcome, Outcome::unknown) << first.error;
  EXPECT_EQ(first.error_class, "sqlite_ioerr");
  EXPECT_EQ(second.outcome, Outcome::done) << second.error;
  EXPECT_EQ(shop.ask("select free from stock"), "6");
}

TEST_F(FaultyDiskTest, AFullDiskInTheCommitIsUnknownAndHappensOnceWhenAskedAgain) {
  test::arm({.call = test::FileCall::write, .nth = 1, .code = SQLITE_FULL});

  const Reply first = desk->ask(hold_json);
  ASSERT_TRUE(test::has_fired());
  test::disarm();

  EXPECT_EQ(first.outcome, Outcome::unknown) << first.error;
  EXPECT_EQ(desk->ask(hold_json).outcome, Outcome::done);
  EXPECT_EQ(shop.ask("select free from stock"), "6");
}

}  // namespace
}  // namespace amends::sql
