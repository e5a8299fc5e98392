// When a flush goes at once, and when it waits for those who are nearly there.
#include <gtest/gtest.h>

#include <algorithm>

#include "engine/runtime/pace.hpp"

namespace amends::engine {
namespace {

// A store whose flushes cost a fixed part and a part for each row, and sagas that come back after `round`.
Pace learned(Micros fixed, Micros per_row, Micros round, std::size_t rows) {
  Pace pace;
  for (int i = 0; i < 400; ++i) {
    const std::size_t taken = std::min(pace.share({rows, 0}, Micros(0)), rows);
    // A disk that stalls now and then.
    pace.flushed(taken, (i % 50 == 7 ? 20 : 1) * (fixed + per_row * static_cast<Micros::rep>(taken)));
    pace.came_round(round, taken);
  }
  return pace;
}

TEST(Pace, WaitsForSagasThatComeSoonerThanAFlushCosts) {
  Pace pace = learned(Micros(1'000), Micros(7), Micros(100), 32);

  EXPECT_EQ(pace.share({16, 16}, Micros(0)), 0u);
}

TEST(Pace, DoesNotWaitWhereAFlushIsCheap) {
  Pace pace = learned(Micros(120), Micros(3), Micros(300), 128);

  EXPECT_EQ(pace.share({64, 64}, Micros(0)), Pace::all);
}

TEST(Pace, WaitsNoLongerThanAFlushCosts) {
  Pace pace = learned(Micros(1'000), Micros(7), Micros(100), 32);

  EXPECT_LT(pace.patience(), Micros(1'300));
  EXPECT_EQ(pace.share({16, 16}, pace.patience()), Pace::all);
}

TEST(Pace, WaitsForNobodyWhenNobodyComes) {
  Pace pace = learned(Micros(1'000), Micros(7), Micros(100), 32);

  EXPECT_EQ(pace.share({1, 0}, Micros(0)), Pace::all);
}

TEST(Pace, WaitsLongerForOthersWhereEnginesShareTheStore) {
  Pace pace = learned(Micros(1'000), Micros(7), Micros(900), 32);
  ASSERT_EQ(pace.share({16, 16}, Micros(0)), Pace::all);

  pace.shared_by(3);

  EXPECT_EQ(pace.share({16, 16}, Micros(0)), 0u);
  EXPECT_EQ(pace.share({16, 16}, Micros(1'500)), 0u);
  EXPECT_GT(pace.patience(), Micros(2'000));
  EXPECT_EQ(pace.share({16, 16}, pace.patience()), Pace::all);
}

TEST(Pace, TellsTheFixedPartFromTheRowsThoughFlushesAreAlike) {
  Pace pace = learned(Micros(120), Micros(10), Micros(300), 128);

  EXPECT_LT(pace.patience(), Micros(400));
}

}  // namespace
}  // namespace amends::engine
