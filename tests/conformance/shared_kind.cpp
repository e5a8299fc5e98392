#include "tests/conformance/shared_kind.hpp"

#include <chrono>
#include <thread>

#include "adapters/store/memory/memory_store.hpp"
#include "adapters/store/postgres/postgres_store.hpp"
#include "adapters/store/postgres/schema.hpp"
#include "engine/base/check.hpp"
#include "tests/support/postgres.hpp"

namespace amends::engine {
namespace {

class SharedMemory : public SharedTables {
 public:
  std::unique_ptr<Store> open() override { return std::make_unique<memory::MemoryStore>(tables_); }
  WallTime now() override { return now_; }
  void pass() override { now_ += std::chrono::seconds(1); }

 private:
  std::shared_ptr<memory::Tables> tables_ = std::make_shared<memory::Tables>(shared_shards);
  WallTime now_ = from_micros(1'800'000'000'000'000);
};

class SharedPostgres : public SharedTables {
 public:
  SharedPostgres() : url_(make()) {}
  std::unique_ptr<Store> open() override {
    postgres::Options options;
    options.is_shared = true;
    options.lease = std::chrono::milliseconds(400);
    options.address = "127.0.0.1:7425";
    auto opened = postgres::PostgresStore::open(url_, options);
    AMENDS_CHECK(opened.store != nullptr, opened.error);
    return std::move(opened.store);
  }
  WallTime now() override { return std::chrono::time_point_cast<Micros>(std::chrono::system_clock::now()); }
  void pass() override { std::this_thread::sleep_for(std::chrono::milliseconds(5)); }

 private:
  static std::string make() {
    static int databases = 0;
    const std::string name = "shared" + std::to_string(++databases);
    testing_support::postgres_server().create_database(name);
    const std::string url = testing_support::postgres_server().url(name);
    const auto migrated = postgres::migrate(url, shared_shards);
    AMENDS_CHECK(migrated.error.empty(), migrated.error);
    return url;
  }

  const std::string url_;
};

}  // namespace

std::vector<SharedKind> all_shared_kinds() {
  return {{.name = "memory", .make_tables = [] { return std::make_unique<SharedMemory>(); }},
          {.name = "postgres", .make_tables = [] { return std::make_unique<SharedPostgres>(); }}};
}

}  // namespace amends::engine
