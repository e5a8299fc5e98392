// A shard whose sagas back off for an hour, or rest with an operator.
#pragma once
#include "tests/engine/runtime/shard_driver.hpp"

namespace amends::engine {

inline constexpr Millis hour{3'600'000}, minute{60'000};

inline RetryPolicy hourly() {
  RetryPolicy retry;
  retry.attempts_max = 3;
  retry.delay_first = 2 * hour;  // of which the jitter leaves at least one
  retry.delay_max = 2 * hour;
  return retry;
}

struct SleepTest : testing::Test {
  SleepTest() : d({order_plan(1, hourly())}) { d.plan = order_plan(1, hourly()); }

  // Started, and its first step backs off for an hour; still in memory until a turn goes by.
  SagaId begin_waiting() {
    const Attempt first = d.begin();
    d.answer(first, d.failed(Outcome::transient));
    d.flush_all();
    return first.saga;
  }
  SagaId begin_sleeping() {
    const SagaId saga = begin_waiting();
    d.pass(Millis(0));
    EXPECT_EQ(d.shard->find_saga(saga), nullptr);
    return saga;
  }
  SagaId begin_parked() {
    Attempt attempt = d.begin();
    d.answer(attempt, d.done());
    d.prepare_all();
    d.flush_all();
    attempt = d.only_attempt();
    EXPECT_EQ(attempt.step_name, "charge");
    d.answer(attempt, d.done());
    d.prepare_all();
    d.flush_all();
    attempt = d.only_attempt();
    EXPECT_EQ(attempt.step_name, "ship");
    d.answer(attempt, d.failed(Outcome::rejected));
    d.flush_all();
    EXPECT_EQ(row(attempt.saga).state, "needs_operator");
    return attempt.saga;
  }
  SagaRow row(const SagaId& saga) { return *d.store.find_saga(saga); }
  void sleep_until_due(const SagaId& saga) {
    d.pass(*row(saga).wake_at - d.now.wall - minute / 2);
    d.look();
  }

  ShardDriver d;
};

}  // namespace amends::engine
