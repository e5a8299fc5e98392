// The fixture of a store that several engines share: tables, and engines that join them.
#pragma once
#include <gtest/gtest.h>

#include "tests/conformance/rows.hpp"
#include "tests/conformance/shared_kind.hpp"

namespace amends::engine {

class SharedTest : public testing::TestWithParam<SharedKind> {
 protected:
  struct One {
    std::string id;
    std::unique_ptr<Store> store;
    SharedStore& shared() { return *store->shared(); }
  };

  One join(const std::string& id) {
    One one{id, tables->open()};
    const Opened opened = one.store->take_over(id, tables->now());
    EXPECT_TRUE(opened.writer) << opened.error;
    return one;
  }
  Share tend(One& one) { return one.shared().tend(tables->now()); }

  // Everyone tends, and gives away what is too much, until nobody has too much and all shards have an owner.
  std::vector<std::size_t> settle(std::vector<One*> engines) {
    std::vector<std::size_t> counts;
    for (int round = 0; round < 10; ++round) {
      counts.clear();
      for (One* one : engines) {
        Share share = tend(*one);
        if (share.surplus > 0) {
          one->shared().give_up({share.owned.end() - share.surplus, share.owned.end()});
          share.owned.resize(share.owned.size() - share.surplus);
        }
        counts.push_back(share.owned.size());
      }
    }
    return counts;
  }
  template <typename Condition>
  bool until(Condition condition) {
    for (int tries = 0; tries < 2000; ++tries) {
      if (condition()) return true;
      tables->pass();
    }
    return false;
  }
  static SagaId id(int n, ShardId shard) {
    return SagaId::make(at_second(n), shard, 500 + static_cast<std::uint64_t>(n));
  }
  static CommandRow command(int n, ShardId shard) {
    return {.id = id(n, shard),
            .kind = "cancel",
            .saga = id(0, shard),
            .at = at_second(n),
            .body = R"({"reason":"r"})"};
  }
  static bool is_fenced(SharedStore& shared, WallTime now) {
    try {
      shared.tend(now);
      return false;
    } catch (const StoreUnavailable& error) {
      return error.error_class == "fenced";
    }
  }

  std::unique_ptr<SharedTables> tables = GetParam().make_tables();
};

}  // namespace amends::engine

// Every file of the suite runs its tests against every kind.
#define AMENDS_FOR_EVERY_SHARED_STORE(Suite)                                                      \
  INSTANTIATE_TEST_SUITE_P(Every, Suite, testing::ValuesIn(::amends::engine::all_shared_kinds()), \
                           [](const auto& kind) { return kind.param.name; })
