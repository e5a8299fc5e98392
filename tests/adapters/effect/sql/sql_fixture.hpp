// An adapter with one endpoint over a shop's database, in PostgreSQL and in SQLite, and a sink that waits.
#pragma once
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <stdlib.h>

#include <condition_variable>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "adapters/effect/sql/sql_adapter.hpp"
#include "tests/support/postgres.hpp"
#include "tests/support/waiting_sink.hpp"

namespace amends::sql {

using engine::Direction;
using engine::Outcome;
using engine::Reply;
using testing_support::postgres_server;
using testing_support::PostgresSession;

using testing_support::WaitingSink;

struct Step {
  std::string name = "hold";
  Direction direction = Direction::run;
  int revision = 1;
  engine::WallTime not_after = {};
  engine::Millis timeout = std::chrono::seconds(20);
};

inline engine::Attempt attempt_of(std::string body, const Step& step = {}) {
  engine::Attempt out;
  out.saga = engine::SagaId::make(engine::from_micros(1'700'000'000'000'000), 7, 42);
  out.step_name = step.name;
  out.direction = step.direction;
  out.key = out.saga.text() + "/" + step.name + (step.direction == Direction::undo ? "/undo/" : "/run/") +
            std::to_string(step.revision);
  out.request = std::make_shared<engine::Request>(engine::Request{"sql", "shop", std::move(body)});
  out.timeout = step.timeout;
  out.not_after = step.not_after;
  return out;
}

// The tables of both: one article of which ten are free.
inline constexpr const char* shop_tables =
    "create table stock (sku text primary key, free integer not null check (free >= 0));"
    "create table hold (id integer primary key, sku text not null, quantity integer not null);"
    "insert into stock (sku, free) values ('a', 10);";

class PostgresShop {
 public:
  PostgresShop() {
    static int databases = 0;
    name_ = "shop" + std::to_string(++databases);
    postgres_server().create_database(name_);
    session_ = std::make_unique<PostgresSession>(url());
    session_->ask(shop_tables);
  }
  std::string url(const std::string& user = "postgres") const { return postgres_server().url(name_, user); }
  std::string ask(const std::string& sql) { return session_->ask(sql); }
  PostgresSession& session() { return *session_; }
  const std::string& name() const { return name_; }
  void reconnect() { session_ = std::make_unique<PostgresSession>(url()); }

 private:
  std::string name_;
  std::unique_ptr<PostgresSession> session_;
};

class SqliteShop {
 public:
  SqliteShop() {
    std::string folder = std::filesystem::temp_directory_path() / "amends-sql-shop-XXXXXX";
    EXPECT_NE(::mkdtemp(folder.data()), nullptr);
    folder_ = folder;
    EXPECT_EQ(sqlite3_open(file().c_str(), &db_), SQLITE_OK);
    sqlite3_busy_timeout(db_, 20'000);
    ask("pragma journal_mode = wal");
    ask(shop_tables);
  }
  ~SqliteShop() {
    sqlite3_close(db_);
    std::filesystem::remove_all(folder_);
  }
  SqliteShop(const SqliteShop&) = delete;
  SqliteShop& operator=(const SqliteShop&) = delete;

  std::string file() const { return folder_ / "shop.db"; }
  std::string url() const { return "sqlite:" + file(); }
  // The first column of the last row, "" for none.
  std::string ask(const std::string& sql) {
    std::string out;
    const auto take = [](void* to, int, char** values, char**) {
      *static_cast<std::string*>(to) = values[0] == nullptr ? "" : values[0];
      return 0;
    };
    EXPECT_EQ(sqlite3_exec(db_, sql.c_str(), take, &out, nullptr), SQLITE_OK) << sqlite3_errmsg(db_) << sql;
    return out;
  }

 private:
  std::filesystem::path folder_;
  sqlite3* db_ = nullptr;
};

inline SqlEndpoint endpoint_at(const std::string& url) {
  SqlEndpoint out;
  out.name = "shop";
  out.url = url;
  out.facts.idempotency = engine::Idempotency::barrier;
  return out;
}

// One adapter and its sink, over an endpoint that the test may still change before the first attempt.
class Desk {
 public:
  explicit Desk(const std::string& url) : endpoint(endpoint_at(url)) {}

  SqlAdapter& adapter() {
    if (!adapter_) adapter_ = std::make_unique<SqlAdapter>(options, std::vector{endpoint});
    return *adapter_;
  }
  void submit(engine::Attempt attempt) {
    std::vector<engine::Attempt> attempts;
    attempts.push_back(std::move(attempt));
    adapter().submit(std::move(attempts), sink);
  }
  Reply ask(const std::string& body, const Step& step = {}) {
    const auto before = sink.count();
    submit(attempt_of(body, step));
    const auto answers = sink.wait(before + 1);
    return answers.size() > before ? answers[before].reply : Reply{};
  }

  SqlOptions options;
  SqlEndpoint endpoint;
  WaitingSink sink;

 private:
  std::unique_ptr<SqlAdapter> adapter_;
};

// Every test runs over both databases.
class SqlTest : public testing::TestWithParam<Dialect> {
 protected:
  void SetUp() override {
    if (is_postgres())
      postgres = std::make_unique<PostgresShop>();
    else
      sqlite = std::make_unique<SqliteShop>();
    ASSERT_EQ(ensure_barrier(url()), "");
    desk = std::make_unique<Desk>(url());
  }
  void TearDown() override { desk.reset(); }

  bool is_postgres() const { return GetParam() == Dialect::postgres; }
  std::string url() const { return is_postgres() ? postgres->url() : sqlite->url(); }
  std::string look(const std::string& sql) { return is_postgres() ? postgres->ask(sql) : sqlite->ask(sql); }
  Reply ask(const std::string& body, const Step& step = {}) { return desk->ask(body, step); }

  std::unique_ptr<PostgresShop> postgres;
  std::unique_ptr<SqliteShop> sqlite;
  std::unique_ptr<Desk> desk;
};

inline std::string dialect_name(const testing::TestParamInfo<Dialect>& info) {
  return info.param == Dialect::postgres ? "postgres" : "sqlite";
}

#define AMENDS_BOTH_DATABASES(Suite) \
  INSTANTIATE_TEST_SUITE_P(, Suite, testing::Values(Dialect::postgres, Dialect::sqlite), dialect_name)

inline const char* hold_json =
    R"({"params":["a",2],"result":"row","sql":"update stock set free = free - $2 where sku = $1 returning sku, free"})";
inline const char* release_json =
    R"({"expect_rows":1,"params":["a",2],"sql":"update stock set free = free + $2 where sku = $1"})";

}  // namespace amends::sql
