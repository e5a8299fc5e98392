// Time, stopping, queues: every attempt is answered once, and in time.
#include "tests/adapters/effect/sql/sql_fixture.hpp"

namespace amends::sql {
namespace {

// Somebody else holds what the step needs.
class LimitsTest : public SqlTest {
 protected:
  void hold_up() {
    if (is_postgres()) {
      rival = std::make_unique<PostgresSession>(url());
      rival->ask("begin; update stock set free = free");
    } else {
      sqlite->ask("begin immediate");
    }
  }
  void let_go() {
    if (is_postgres())
      rival->ask("rollback");
    else
      sqlite->ask("rollback");
  }
  void wait_until_busy(std::size_t count) {
    while (desk->adapter().counts().at(0).in_flight < count) std::this_thread::yield();
  }
  void TearDown() override {
    SqlTest::TearDown();
    rival.reset();
  }

  std::unique_ptr<PostgresSession> rival;
};
AMENDS_BOTH_DATABASES(LimitsTest);

TEST_P(LimitsTest, AStepThatWaitsTooLongDidNotHappen) {
  hold_up();

  const Reply reply = ask(hold_json, {.timeout = std::chrono::milliseconds(300)});
  let_go();

  EXPECT_EQ(reply.outcome, Outcome::transient) << reply.error;
  // Whichever of the two clocks was the faster.
  EXPECT_TRUE(reply.error_class == "timeout" || reply.error_class == "sql_57014") << reply.error_class;
  EXPECT_EQ(ask(hold_json).result, R"({"free":8,"sku":"a"})");
}

TEST_P(LimitsTest, TheEndpointsTimeoutCapsTheSteps) {
  desk->endpoint.timeout_max = std::chrono::milliseconds(300);
  hold_up();

  EXPECT_EQ(ask(hold_json, {.timeout = std::chrono::hours(1)}).outcome, Outcome::transient);
  let_go();
}

TEST_P(LimitsTest, WhatComputesForeverIsEnded) {
  const std::string endless =
      R"({"result":"row","sql":"with recursive n (i) as (select 1 union all select i + 1 from n) select count(*) as c from n"})";

  const Reply reply = ask(endless, {.timeout = std::chrono::milliseconds(300)});

  EXPECT_EQ(reply.outcome, Outcome::transient) << reply.error;
  EXPECT_EQ(ask(hold_json, {.name = "next"}).outcome, Outcome::done);
}

TEST_P(LimitsTest, OthersWaitTheirTurnAndNoneIsLost) {
  desk->endpoint.concurrency_max = 2;
  look("update stock set free = 1000");
  for (int i = 0; i < 100; ++i) desk->submit(attempt_of(hold_json, {.name = "s" + std::to_string(i)}));

  const auto answers = desk->sink.wait(100);

  for (const auto& answer : answers) EXPECT_EQ(answer.reply.outcome, Outcome::done) << answer.reply.error;
  EXPECT_EQ(look("select free from stock"), "800");
}

TEST_P(LimitsTest, AFullQueueIsTransient) {
  desk->endpoint.concurrency_max = 1;
  desk->endpoint.queue_max = 1;
  hold_up();
  desk->submit(attempt_of(hold_json, {.name = "one"}));
  wait_until_busy(1);
  desk->submit(attempt_of(hold_json, {.name = "two"}));

  const Reply reply = ask(hold_json, {.name = "three"});
  let_go();

  EXPECT_EQ(reply.outcome, Outcome::transient);
  EXPECT_EQ(reply.error_class, "queue_full");
  desk->sink.wait(3);
}

TEST_P(LimitsTest, WhoWaitedPastItsTimeIsNotSent) {
  desk->options.wall = [] { return engine::from_micros(3'000'000); };

  EXPECT_EQ(ask(hold_json, {.not_after = engine::from_micros(2'000'000)}).error_class, "not_sent_in_time");
}

TEST_P(LimitsTest, StoppingAnswersWhatWaitsAtOnceAndCutsWhatRunsAfterTheLimit) {
  desk->endpoint.concurrency_max = 1;
  hold_up();
  desk->submit(attempt_of(hold_json, {.name = "one"}));
  wait_until_busy(1);
  desk->submit(attempt_of(hold_json, {.name = "two"}));

  desk->adapter().stop(std::chrono::milliseconds(50));
  const auto answers = desk->sink.wait(2);
  let_go();
  const Reply after = ask(hold_json, {.name = "three"});

  for (const auto& answer : answers) {
    EXPECT_EQ(answer.reply.outcome, Outcome::transient);
    EXPECT_EQ(answer.reply.error_class, "stopping");
  }
  EXPECT_EQ(after.error_class, "stopping");
  EXPECT_EQ(desk->adapter().in_flight(), 0u);
  EXPECT_EQ(look("select free from stock"), "10");
}

TEST_P(LimitsTest, StoppingWaitsForWhatComesToItsEnd) {
  desk->endpoint.concurrency_max = 1;
  hold_up();
  desk->submit(attempt_of(hold_json));
  wait_until_busy(1);

  std::thread stopping([this] { desk->adapter().stop(std::chrono::seconds(30)); });
  let_go();
  stopping.join();

  EXPECT_EQ(desk->sink.wait(1).at(0).reply.outcome, Outcome::done);
}

TEST_P(LimitsTest, AnUnknownEndpointIsTransient) {
  auto attempt = attempt_of(hold_json);
  attempt.request = std::make_shared<engine::Request>(engine::Request{"sql", "nowhere", hold_json});
  desk->submit(std::move(attempt));

  EXPECT_EQ(desk->sink.wait(1).at(0).reply.error_class, "unknown_endpoint");
  EXPECT_EQ(desk->adapter().find_endpoint("nowhere"), nullptr);
  EXPECT_EQ(desk->adapter().find_endpoint("shop")->idempotency, engine::Idempotency::barrier);
}

}  // namespace
}  // namespace amends::sql
