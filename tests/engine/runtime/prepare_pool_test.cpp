// Authors' functions that hang: whose result they may hold up, and whose not.
#include "engine/runtime/prepare_pool.hpp"

#include <gtest/gtest.h>

#include <future>

#include "tests/engine/runtime/order_plan.hpp"

namespace amends::engine {
namespace {

// Stands still unless the test moves it, so that a slow machine makes nobody slow.
struct MovedClock : Clock {
  WallTime wall() const override { return {}; }
  Elapsed elapsed() const override { return Elapsed(at.load()); }
  void pass(Micros time) { at += time.count(); }
  std::atomic<Elapsed::rep> at{0};
};

// Functions return at once, or hang until the test ends when their saga's number is one of `hanging`.
struct HangingPreparer : Preparer {
  Prepared prepare(const Plan&, StepIndex, Direction, const Known& known) const override {
    if (hanging.contains(*known.input)) {
      ++hung;
      hung.notify_all();
      gone.wait();
    }
    ++returned;
    return Request{"played", "participant", "{}"};
  }
  std::set<std::string> hanging;
  std::promise<void> let_go;
  std::shared_future<void> gone = let_go.get_future().share();
  void await_hung(std::size_t count) const {
    for (auto now = hung.load(); now < count; now = hung.load()) hung.wait(now);
  }
  mutable std::atomic<std::size_t> hung{0}, returned{0};
};

struct PoolWorld {
  explicit PoolWorld(PrepareOptions options) {
    pool = std::make_unique<PreparePool>(
        options, clock, preparer, [this](std::string_view, std::string_view) { return &facts; },
        [this](std::vector<PrepareResult> results) {
          std::lock_guard lock(mutex);
          for (const PrepareResult& result : results) answered[result.saga] = result.event.error;
        });
  }
  // A stuck thread still refers to the preparer.
  ~PoolWorld() {
    preparer.let_go.set_value();
    while (preparer.returned < jobs_run_max) std::this_thread::yield();
    pool.reset();
  }
  // One batch, so that one thread takes them all.
  void submit(const std::vector<std::string>& inputs) {
    std::vector<PrepareJob> jobs;
    for (const std::string& input : inputs) {
      sagas.push_back(SagaId::make(WallTime{}, 0, sagas.size()));
      jobs.push_back({sagas.back(), {0, Direction::run}, order_plan(), input, {}, {}});
    }
    pool->submit(std::move(jobs));
  }
  // As the engine's loop does while the pool is busy, until `count` jobs are answered; false when that does
  // not happen.
  bool tend_until_answered(std::size_t count) {
    for (const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(20);
         std::chrono::steady_clock::now() < end;) {
      pool->tend();
      std::lock_guard lock(mutex);
      if (answered.size() >= count) return true;
    }
    return false;
  }
  std::string error_of(std::size_t job) {
    std::lock_guard lock(mutex);
    return answered.at(sagas.at(job));
  }

  MovedClock clock;
  EndpointFacts facts{Idempotency::barrier, Millis(0)};
  HangingPreparer preparer;
  std::size_t jobs_run_max = 0;  // how many calls of functions return once the test lets go
  std::vector<SagaId> sagas;
  std::mutex mutex;
  std::map<SagaId, std::string> answered;
  std::unique_ptr<PreparePool> pool;
};

TEST(PreparePool, WhatWasDoneBeforeAFunctionHangsIsAnswered) {
  PoolWorld w({.threads = 1, .limit = Millis(60'000)});
  w.preparer.hanging = {"hang"};
  w.jobs_run_max = 3;

  w.submit({"1", "2", "hang"});
  w.preparer.await_hung(1);
  w.clock.pass(Millis(10));

  EXPECT_TRUE(w.tend_until_answered(2));
  EXPECT_EQ(w.error_of(0), "");
  EXPECT_EQ(w.error_of(1), "");
}

TEST(PreparePool, WhatWasDoneBeforeAFunctionThatNeverReturnsIsAnswered) {
  PoolWorld w({.threads = 1, .limit = Millis(5)});
  w.preparer.hanging = {"hang"};
  w.jobs_run_max = 3;

  w.submit({"1", "hang", "2"});
  w.preparer.await_hung(1);
  w.clock.pass(Millis(10));

  EXPECT_TRUE(w.tend_until_answered(3));
  EXPECT_EQ(w.error_of(0), "");
  EXPECT_NE(w.error_of(1).find("took longer than 5 ms"), std::string::npos);
  EXPECT_EQ(w.error_of(2), "");
}

TEST(PreparePool, JobsThatNoThreadIsLeftForAreAnswered) {
  PoolWorld w({.threads = 1, .limit = Millis(5), .lost_max = 1});
  w.preparer.hanging = {"hang"};
  w.jobs_run_max = 2;

  w.submit({"hang", "hang", "1", "2"});
  w.preparer.await_hung(1);
  w.clock.pass(Millis(10));
  EXPECT_TRUE(w.tend_until_answered(1));
  w.preparer.await_hung(2);
  w.clock.pass(Millis(10));

  EXPECT_TRUE(w.tend_until_answered(4));
  EXPECT_NE(w.error_of(3), "");
}

}  // namespace
}  // namespace amends::engine
