#include "adapters/clock/system_clock.hpp"

#include <gtest/gtest.h>

#include <set>

#include "adapters/clock/system_entropy.hpp"

namespace amends::engine {
namespace {

TEST(SystemClock, TheWallsTimeIsOfThisCenturyAndElapsedTimeNeverFalls) {
  SystemClock clock;
  EXPECT_GT(clock.wall(), from_micros(1'700'000'000'000'000));

  const Elapsed before = clock.elapsed();
  EXPECT_GE(clock.elapsed(), before);
}

TEST(SystemEntropy, TwoSourcesDrawDifferentNumbers) {
  SystemEntropy one, other;
  std::set<std::uint64_t> drawn;
  for (int i = 0; i < 1'000; ++i) drawn.insert({one.draw(), other.draw()});
  EXPECT_EQ(drawn.size(), 2'000u);
}

}  // namespace
}  // namespace amends::engine
