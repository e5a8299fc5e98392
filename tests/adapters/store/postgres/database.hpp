// A migrated database of the test's own.
#pragma once
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "adapters/store/postgres/postgres_store.hpp"
#include "adapters/store/postgres/schema.hpp"
#include "tests/conformance/rows.hpp"
#include "tests/support/postgres.hpp"

namespace amends::engine {

using testing_support::postgres_server;
using testing_support::PostgresSession;

class PostgresTest : public testing::Test {
 protected:
  void SetUp() override {
    static int databases = 0;
    name = "d" + std::to_string(++databases);
    postgres_server().create_database(name);
  }
  std::string url(const std::string& user = "postgres") const { return postgres_server().url(name, user); }

  void must_migrate() {
    const auto migrated = postgres::migrate(url());
    ASSERT_EQ(migrated.error, "");
  }
  std::unique_ptr<postgres::PostgresStore> must_open(postgres::Options options = {},
                                                     const std::string& user = "postgres") {
    auto opened = postgres::PostgresStore::open(url(user), options);
    EXPECT_TRUE(opened.store) << opened.error;
    return std::move(opened.store);
  }
  static Writer must_take_over(Store& store) {
    const Opened opened = store.take_over("e1", at_second(0));
    EXPECT_TRUE(opened.writer) << opened.error;
    return opened.writer.value_or(Writer{});
  }

  std::string name;
};

}  // namespace amends::engine
