// The fixture: one kind of store, its tables, and a store that has taken over.
#pragma once
#include <gtest/gtest.h>

#include <memory>

#include "tests/conformance/rows.hpp"
#include "tests/conformance/store_kind.hpp"

namespace amends::engine {

class StoreTest : public testing::TestWithParam<StoreKind> {
 protected:
  void SetUp() override {
    tables = GetParam().make_tables();
    store = open();
  }

  // Another store over the same tables, taken over: from then on the others are fenced.
  std::unique_ptr<Store> open(std::string_view engine_id = "e1") {
    auto opened = tables->open();
    const Opened writer = opened->take_over(engine_id, at_second(0));
    EXPECT_TRUE(writer.writer) << writer.error;
    if (writer.writer) last = *writer.writer;
    return opened;
  }

  CommitResult commit(Batch batch) { return store->commit(batch); }
  void must_commit(Batch batch) {
    const auto result = store->commit(batch);
    ASSERT_EQ(result.status, CommitStatus::committed) << result.error;
    ASSERT_TRUE(result.taken.empty());
  }

  std::vector<SagaId> ids(const SagaFilter& filter, std::optional<SagaId> before = std::nullopt,
                          std::uint32_t count_max = 100) {
    std::vector<SagaId> out;
    for (const auto& row : store->list(filter, before, count_max).rows) out.push_back(row.id);
    return out;
  }

  std::unique_ptr<Tables> tables;
  std::unique_ptr<Store> store;
  Writer last;  // what the latest open() found
};

}  // namespace amends::engine

// Every file of the suite runs its tests against every kind.
#define AMENDS_FOR_EVERY_STORE(Suite)                                                            \
  INSTANTIATE_TEST_SUITE_P(Every, Suite, testing::ValuesIn(::amends::engine::all_store_kinds()), \
                           [](const auto& kind) { return kind.param.name; })
