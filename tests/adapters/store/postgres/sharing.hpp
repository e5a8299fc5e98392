// A database that several stores share.
#pragma once
#include <atomic>

#include "tests/adapters/store/postgres/database.hpp"

namespace amends::engine {

constexpr Millis long_lease{60'000}, short_lease{200};
constexpr std::size_t shard_count = 8;

class SharingTest : public PostgresTest {
 protected:
  using StorePtr = std::unique_ptr<postgres::PostgresStore>;

  void SetUp() override {
    PostgresTest::SetUp();
    ASSERT_EQ(postgres::migrate(url(), shard_count).error, "");
    session = std::make_unique<PostgresSession>(url());
  }

  StorePtr open(Millis lease = long_lease) {
    postgres::Options options;
    options.is_shared = true;
    options.lease = lease;
    options.write_limit = std::chrono::seconds(5);
    options.answer_limit = std::chrono::seconds(8);
    return must_open(options);
  }
  StorePtr join(const std::string& id, Millis lease = long_lease) {
    StorePtr store = open(lease);
    const Opened opened = store->take_over(id, at_second(0));
    EXPECT_TRUE(opened.writer) << opened.error;
    return store;
  }
  static std::vector<ShardId> tend(postgres::PostgresStore& store) { return store.tend(at_second(0)).owned; }
  // Whatever `verb` does: "fenced" is what must come of it.
  template <typename Verb>
  static std::string class_of(Verb verb) {
    try {
      verb();
      return "";
    } catch (const StoreUnavailable& error) {
      return error.error_class;
    }
  }
  std::string ask(const std::string& sql) { return session->ask(sql); }
  // Of the engine's writer.
  std::string writer(const std::string& column, const std::string& id) {
    return ask("select " + column + " from amends.writer where writer_id <> 0 and engine_id = '" + id + "'");
  }
  // Once its lease is over: by the server's clock, without waiting for it.
  void end_lease(const std::string& id) {
    ask("update amends.writer set lease_until = now() - interval '1 ms' where engine_id = '" + id + "'");
  }
  void wait_for_lock(const std::string& statement, int count = 1) {
    PostgresSession(url()).wait_until(
        "select count(*) = " + std::to_string(count) +
        " from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query "
        "like '" +
        statement + "%'");
  }
  static CommandRow command(int n, ShardId shard) {
    const auto id = [&](int of) {
      return SagaId::make(at_second(of), shard, 500 + static_cast<std::uint64_t>(of));
    };
    return {id(n), "cancel", id(0), at_second(n), R"({"reason":"r"})"};
  }

  std::unique_ptr<PostgresSession> session;
};

}  // namespace amends::engine
