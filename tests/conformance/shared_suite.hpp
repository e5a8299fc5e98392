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

}  // namespace amends::engine

// Every file of the suite runs its tests against every kind.
#define AMENDS_FOR_EVERY_SHARED_STORE(Suite)                                                      \
  INSTANTIATE_TEST_SUITE_P(Every, Suite, testing::ValuesIn(::amends::engine::all_shared_kinds()), \
                           [](const auto& kind) { return kind.param.name; })
