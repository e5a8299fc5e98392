// The numbers of a shared store, read beside those who ask for them.
#include "engine/service/sharing_watch.hpp"

#include <gtest/gtest.h>

#include "adapters/store/memory/memory_store.hpp"
#include "engine/service/sharing.hpp"
#include "tests/engine/runtime/engine_world.hpp"

namespace amends::engine {
namespace {

// Cannot be read while `down`.
struct AwayStore : memory::MemoryStore {
  using MemoryStore::MemoryStore;
  SharedCounts shared_counts() override {
    if (down) {
      ++failed;
      throw StoreUnavailable{"io", "gone"};
    }
    return MemoryStore::shared_counts();
  }
  std::atomic<bool> down{false};
  std::atomic<int> failed{0};
};

struct SharingWatchTest : testing::Test {
  // Until a reading of after now is there: the store may have changed before.
  SharingWatch::Seen next() {
    const Elapsed now = clock.elapsed();
    for (int tries = 0; tries < 20'000; ++tries) {
      if (const auto seen = watch.last(); seen && seen->read_at > now) return *seen;
      std::this_thread::sleep_for(Millis(1));  // what is waited for has no signal
    }
    ADD_FAILURE() << "it does not read";
    return {};
  }

  std::shared_ptr<memory::Tables> tables = std::make_shared<memory::Tables>(ShardId{4});
  AwayStore store{tables};
  SystemClock clock;
  SharingWatch watch{*store.shared(), clock, Millis(1)};
};

TEST_F(SharingWatchTest, SaysSinceWhenShardsHaveNoOwnerUntilTheyHave) {
  const auto first = next();
  EXPECT_EQ(first.counts.free, 4u);
  ASSERT_TRUE(first.free_since);
  const auto second = next();
  EXPECT_GT(second.read_at, first.read_at);
  EXPECT_EQ(second.free_since, first.free_since);

  ASSERT_TRUE(store.take_over("a", clock.wall()).writer);
  store.tend(clock.wall());
  next();  // may have begun before
  EXPECT_EQ(next().free_since, std::nullopt);

  store.give_up({1});
  next();
  EXPECT_GT(next().free_since, first.free_since);
}

TEST_F(SharingWatchTest, WhileTheStoreIsAwayTheLastReadingStaysWithItsAge) {
  next();
  store.down = true;
  while (store.failed < 2) std::this_thread::yield();
  const auto last = watch.last();
  ASSERT_TRUE(last);
  while (store.failed < 4) std::this_thread::yield();

  ASSERT_TRUE(watch.last());
  EXPECT_EQ(watch.last()->read_at, last->read_at);
  store.down = false;
  EXPECT_GT(next().read_at, last->read_at);
}

TEST(FairShare, IsRoundedUpAndWholeWhereNobodyLives) {
  SharedCounts counts;
  counts.shards = 64;
  EXPECT_EQ(fair_share(counts), 64u);
  counts.alive = 3;
  EXPECT_EQ(fair_share(counts), 22u);
}

}  // namespace
}  // namespace amends::engine
