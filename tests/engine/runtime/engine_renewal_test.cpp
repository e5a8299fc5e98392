// The lease of an engine: renewals that fail, that say it is dead, and that come late.
#include "tests/engine/runtime/handover_fixture.hpp"

namespace amends::engine {
namespace {

constexpr std::size_t all = 8;

struct RenewalTest : testing::Test {
  ~RenewalTest() override { a.answer_all(); }
  std::shared_ptr<memory::Tables> tables = std::make_shared<memory::Tables>(all);
  HandoverMember a{tables, "a"};

  void fail_tend(const std::string& error_class = "io") {
    a.store.failing_class = error_class;
    a.store.failing_tends = 1;
    a.store.hint();
    ASSERT_TRUE(a.await([&] { return a.store.failing_tends == 0; }));
  }
  // Its start is being written meanwhile, and is written before the lease is renewed.
  SagaId start_while_the_lease_passes() {
    a.store.holding_commits = a.store.holding_tends = true;
    std::promise<StartReply> heard;
    a.engine->start({0, a.catalog.plans_.front(), "", "h", R"({"id":1})", {}},
                    [&heard](const StartReply& reply) { heard.set_value(reply); });
    EXPECT_TRUE(a.await([&] { return a.store.commits == 1; }));
    a.moved.pass(11 * hour);
    a.store.release(a.store.holding_commits);
    return heard.get_future().get().saga;
  }
};

TEST_F(RenewalTest, OneThatIsDeclaredDeadWhileItIsIdleJoinsAgain) {
  a.join();
  const SagaId saga = a.start_everywhere(all).front();

  fail_tend("fenced");

  ASSERT_TRUE(a.await([&] { return a.store.take_overs == 2; }));
  ASSERT_TRUE(a.await_shards(all));
  EXPECT_TRUE(a.said("lost its hold on the store"));
  a.answer_all();
  EXPECT_TRUE(a.await_state(saga, "completed"));
  EXPECT_EQ(a.start().status, StartStatus::created);
}

TEST_F(RenewalTest, OneThatFailsNowAndThenChangesNothing) {
  a.join();
  a.start_everywhere(all);

  for (int i = 0; i < 3; ++i) {
    fail_tend();
    ASSERT_TRUE(a.tend_again());
  }

  EXPECT_EQ(a.store.take_overs, 1);
  EXPECT_EQ(a.observer.said(), "");
  EXPECT_EQ(a.observer.metrics.live, a.adapter.sent.size());
}

TEST_F(RenewalTest, TwoThatFailInARowMeanToJoinAgain) {
  a.join();
  a.start_everywhere(all);

  fail_tend();
  fail_tend();

  ASSERT_TRUE(a.await([&] { return a.store.take_overs == 2; }));
  EXPECT_TRUE(a.await_shards(all));
}

TEST_F(RenewalTest, OneThatFailsWhenTheLeaseIsOverMeansToJoinAgain) {
  a.join();
  a.moved.pass(11 * hour);

  fail_tend();

  ASSERT_TRUE(a.await([&] { return a.store.take_overs == 2; }));
  EXPECT_TRUE(a.await_shards(all));
}

TEST_F(RenewalTest, ItIsAskedForInTimeWithoutAHint) {
  a.join();
  const int before = a.store.tends;

  a.moved.pass(3 * hour);

  EXPECT_TRUE(a.await([&] { return a.store.tends > before; }));
}

TEST_F(RenewalTest, ItIsAskedForNoMoreOftenThanFourTimesInALease) {
  a.join();
  ASSERT_TRUE(a.tend_again());
  const int before = a.store.tends;

  a.moved.pass(2 * hour);
  a.start();
  a.start();  // what the first turn asked of the store is done by now

  EXPECT_EQ(a.store.tends, before);
}

TEST_F(RenewalTest, ItCountsFromWhenItWasAskedFor) {
  a.join();
  a.start_everywhere(all);
  const int before = a.store.tends;
  a.store.at_end_of_tend = [this] {
    a.moved.pass(11 * hour);
    a.store.holding_tends = true;  // the next one, which is due now
  };

  a.store.hint();

  ASSERT_TRUE(a.await([&] { return a.store.tends == before + 2; }));
  for (const Attempt& attempt : a.adapter.sent) EXPECT_FALSE(attempt.may_be_sent());
}

TEST_F(RenewalTest, WhileTheLeaseIsOverNothingIsSentAndAfterwardsWhatIsStillInTime) {
  a.join();
  const SagaId saga = start_while_the_lease_passes();
  EXPECT_TRUE(a.adapter.sent.empty());

  a.store.release(a.store.holding_tends);

  EXPECT_TRUE(a.await_state(saga, "completed"));
  ASSERT_FALSE(a.adapter.sent.empty());
  EXPECT_EQ(a.adapter.sent.front().number, 1u);
}

TEST_F(RenewalTest, WhatIsAnothersWhenTheLeaseIsRenewedIsNotSent) {
  a.join();
  a.store.taken_by_hand = all;
  start_while_the_lease_passes();

  a.store.release(a.store.holding_tends);

  ASSERT_TRUE(a.await_shards(0));
  ASSERT_TRUE(a.tend_again());
  EXPECT_TRUE(a.adapter.sent.empty());
}

TEST_F(RenewalTest, AnAttemptWhoseTimePassedWhileTheLeaseWasOverIsNotSentButDecidedAnew) {
  const RetryPolicy at_once{.delay_first = Millis(1), .delay_max = Millis(1), .attempts_max = 5};
  a.catalog.plans_ = {order_plan(1, at_once)};
  a.join();
  const SagaId saga = start_while_the_lease_passes();
  a.moved.set_forward(hour);

  a.store.release(a.store.holding_tends);

  EXPECT_TRUE(a.await_state(saga, "completed"));
  ASSERT_FALSE(a.adapter.sent.empty());
  EXPECT_EQ(a.adapter.sent.front().number, 2u);
}

}  // namespace
}  // namespace amends::engine
