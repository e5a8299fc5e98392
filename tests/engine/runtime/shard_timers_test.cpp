// Ten thousand sagas that are due in one instant, as after a standstill that outlasted every back-off.
#include "tests/engine/runtime/shard_driver.hpp"

namespace amends::engine {
namespace {

constexpr std::size_t many = 10'000;

TEST(Shard, TenThousandTimersInOneInstantRingOnceEachInFlushesOfTheirBoundedSize) {
  ShardDriver d;
  for (std::size_t i = 0; i < many; ++i) d.start();
  d.prepare_all();
  d.flush_all();
  for (const Attempt& attempt : std::exchange(d.out.attempts, {}))
    d.answer(attempt, d.failed(Outcome::transient));
  d.flush_all();
  ASSERT_TRUE(d.out.attempts.empty());
  d.store.commits = 0;

  d.pass(std::chrono::minutes(1));
  EXPECT_TRUE(d.out.attempts.empty()) << "their intents are not durable yet";
  d.flush_all();

  ASSERT_EQ(d.out.attempts.size(), many);
  std::set<SagaId> rung;
  for (const Attempt& attempt : d.out.attempts) {
    EXPECT_EQ(attempt.number, 2u);
    rung.insert(attempt.saga);
  }
  EXPECT_EQ(rung.size(), many);
  const std::size_t most = ShardOptions().sagas_per_flush_max;
  EXPECT_EQ(d.store.commits, (many + most - 1) / most);
  EXPECT_LE(d.store.rows_max, most);

  d.pass(std::chrono::minutes(1));
  EXPECT_FALSE(d.flush()) << "none rings twice";
  d.run_to_end();
  for (const auto& [id, row] : d.store.sagas) ASSERT_EQ(row.state, "completed");
}

}  // namespace
}  // namespace amends::engine
