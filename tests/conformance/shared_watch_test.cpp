// What people see of several engines over one store: where they serve, who is gone, what waits.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/conformance/shared_suite.hpp"

namespace amends::engine {
namespace {

using SharedWatchTest = SharedTest;

TEST_P(SharedWatchTest, WhereAnEngineServesIsKnownFromItsNextTendOnAlsoToItsTwin) {
  One first = join("e");
  first.shared().introduce("http://10.0.0.7:7425");
  tend(first);

  ASSERT_EQ(first.shared().engines().size(), 1u);
  EXPECT_EQ(first.shared().engines()[0].address, "http://10.0.0.7:7425");
  const Opened refused = tables->open()->take_over("e", tables->now());
  EXPECT_NE(refused.error.find("at http://10.0.0.7:7425"), std::string::npos) << refused.error;

  ASSERT_TRUE(first.store->take_over("e", tables->now()).writer);
  EXPECT_EQ(first.shared().engines()[0].address, "http://10.0.0.7:7425");
}

TEST_P(SharedWatchTest, WhoLeftIsToldFromWhoDiedAndBothFromTheLiving) {
  One left = join("left"), dead = join("dead"), alive = join("alive");
  settle({&left, &dead, &alive});
  left.shared().leave();
  ASSERT_TRUE(until([&] { return tend(alive).owned.size() == shared_shards; }));

  const auto rows = alive.shared().engines();

  ASSERT_EQ(rows.size(), 3u);
  EXPECT_TRUE(rows[0].alive && rows[0].lease_left > Millis(0)) << rows[0].lease_left.count();
  EXPECT_TRUE(!rows[1].alive && !rows[1].left) << rows[1].engine_id;
  EXPECT_TRUE(!rows[2].alive && rows[2].left) << rows[2].engine_id;
  const SharedCounts counts = alive.shared().shared_counts();
  EXPECT_EQ(counts.alive, 1u);
  EXPECT_EQ(counts.dead, 1u);
}

TEST_P(SharedWatchTest, ShardsWithoutAnOwnerAreCountedAndCommandsThatWait) {
  One one = join("e");
  EXPECT_EQ(one.shared().shared_counts().free, shared_shards);
  tend(one);
  CommandRow first = command(1, 2), second = command(2, 5);
  first.at = tables->now() - std::chrono::minutes(10);
  first.id = SagaId::make(first.at, 2, 1);
  second.at = tables->now();
  second.id = SagaId::make(second.at, 5, 2);
  for (const CommandRow& row : {first, second}) one.shared().post_command(row);

  SharedCounts counts = one.shared().shared_counts();
  EXPECT_EQ(counts.shards, shared_shards);
  EXPECT_EQ(counts.free, 0u);
  EXPECT_EQ(counts.waiting, 2u);
  ASSERT_TRUE(counts.oldest_waits);
  EXPECT_NEAR(static_cast<double>(counts.oldest_waits->count()), 600'000, 60'000);

  ASSERT_EQ(one.store->commit({.answered = {{first.id, "accepted", ""}, {second.id, "refused", ""}}}).status,
            CommitStatus::committed);
  counts = one.shared().shared_counts();
  EXPECT_EQ(counts.waiting, 0u);
  EXPECT_EQ(counts.oldest_waits, std::nullopt);
}

TEST_P(SharedWatchTest, StartsThatNoSagaComesOfAreNamed) {
  One one = join("e");
  tend(one);
  PlanRow plan;
  plan.plan_id = "known@1";
  plan.workflow = "known";
  plan.version = 1;
  one.store->ensure_plans({plan});
  const auto post = [&](int n, const std::string& body) {
    CommandRow row = command(n, 3);
    row.kind = "start";
    row.body = body;
    one.shared().post_command(row);
  };
  post(1, R"({"workflow":"known","input":{}})");
  post(2, R"({"workflow":"known","version":1})");
  post(3, R"({"workflow":"known","version":2})");
  post(4, R"({"workflow":"nobody"})");
  post(5, R"({"workflow":"nobody"})");
  one.shared().post_command(command(6, 3));  // no start

  CommandTrouble trouble = one.shared().command_trouble();
  ASSERT_EQ(trouble.unplanned.size(), 2u);
  std::sort(trouble.unplanned.begin(), trouble.unplanned.end(),
            [](const auto& a, const auto& b) { return a.workflow < b.workflow; });
  EXPECT_EQ(trouble.unplanned[0].workflow, "known");
  EXPECT_EQ(trouble.unplanned[0].version, 2u);
  EXPECT_EQ(trouble.unplanned[1].version, std::nullopt);
  EXPECT_EQ(trouble.unplanned[1].count, 2u);
  EXPECT_EQ(trouble.refused, 0u);

  ASSERT_EQ(one.store->commit({.answered = {{id(4, 3), "invalid", "why"}}}).status, CommitStatus::committed);
  trouble = one.shared().command_trouble();
  EXPECT_EQ(trouble.refused, 1u);
  ASSERT_EQ(trouble.latest.size(), 1u);
  EXPECT_EQ(trouble.latest[0].saga, id(0, 3));
  EXPECT_EQ(trouble.latest[0].sentence, "why");
  EXPECT_EQ(trouble.latest[0].kind, "start");
}

INSTANTIATE_TEST_SUITE_P(Every, SharedWatchTest, testing::ValuesIn(all_shared_kinds()),
                         [](const auto& kind) { return kind.param.name; });

}  // namespace
}  // namespace amends::engine
