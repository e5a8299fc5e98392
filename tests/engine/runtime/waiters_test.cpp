#include "engine/runtime/waiters.hpp"

#include <gtest/gtest.h>

namespace amends::engine {
namespace {

struct WaitersTest : testing::Test {
  const SagaId a = SagaId::make(from_micros(1), 0, 1), b = SagaId::make(from_micros(1), 0, 2);
  Waiters waiters;
  std::vector<std::pair<char, WaitOutcome>> heard;

  void add(const SagaId& saga, Elapsed until, char name) {
    waiters.add({saga, until, [this, name](WaitOutcome outcome) { heard.emplace_back(name, outcome); }});
  }
};

TEST_F(WaitersTest, EachHearsOnceWhicheverComesFirst) {
  add(a, Elapsed(10), 'x');
  add(a, Elapsed(30), 'y');
  add(b, Elapsed(20), 'z');
  EXPECT_EQ(waiters.next(), Elapsed(10));

  waiters.expire(Elapsed(10));
  waiters.rested(a);
  waiters.rested(a);
  waiters.expire(Elapsed(30));

  const std::vector<std::pair<char, WaitOutcome>> wanted = {
      {'x', WaitOutcome::time_up}, {'y', WaitOutcome::rested}, {'z', WaitOutcome::time_up}};
  EXPECT_EQ(heard, wanted);
  EXPECT_EQ(waiters.size(), 0u);
  EXPECT_EQ(waiters.next(), std::nullopt);
}

TEST_F(WaitersTest, WhoWaitsForASagaThatDidNotComeBackHearsIt) {
  add(a, Elapsed(10), 'x');
  add(b, Elapsed(10), 'y');
  add(b, Elapsed(20), 'z');

  waiters.recheck(
      [this](const SagaId& saga) { return saga == a ? std::nullopt : std::optional(WaitOutcome::not_live); });
  waiters.rested(b);

  EXPECT_EQ(heard.size(), 2u);
  EXPECT_EQ(heard[0], std::pair('y', WaitOutcome::not_live));
  EXPECT_EQ(waiters.size(), 1u);
}

}  // namespace
}  // namespace amends::engine
