#include "tests/conformance/store_kind.hpp"

#include <stdlib.h>

#include <filesystem>

#include "adapters/store/memory/memory_store.hpp"
#include "adapters/store/postgres/postgres_store.hpp"
#include "adapters/store/postgres/schema.hpp"
#include "adapters/store/sqlite/sqlite_store.hpp"
#include "engine/base/check.hpp"
#include "tests/support/postgres.hpp"

namespace amends::engine {
namespace {

class SqliteTables : public Tables {
 public:
  SqliteTables() {
    // In memory where there is such a place: what survives a power cut is not this suite's question, and a
    // sync costs.
    const bool has_shm = std::filesystem::is_directory("/dev/shm");
    const auto place = has_shm ? std::filesystem::path("/dev/shm") : std::filesystem::temp_directory_path();
    std::string name = (place / "amends-conformance-XXXXXX").string();
    AMENDS_CHECK(::mkdtemp(name.data()) != nullptr, "no place for temporary files");
    dir_ = name;
  }
  ~SqliteTables() override { std::filesystem::remove_all(dir_); }

  std::unique_ptr<Store> open() override {
    auto opened = sqlite::SqliteStore::open(dir_, {.without_lock = true});
    AMENDS_CHECK(opened.store != nullptr, opened.error);
    return std::move(opened.store);
  }

 private:
  std::filesystem::path dir_;
};

// A database of its own; databases are used again, because making one takes longer than most tests.
class PostgresTables : public Tables {
 public:
  PostgresTables() {
    if (free_databases().empty()) {
      name_ = "t" + std::to_string(++databases_);
      testing_support::postgres_server().create_database(name_);
      const auto migrated = postgres::migrate(url());
      AMENDS_CHECK(migrated.error.empty(), migrated.error);
    } else {
      name_ = free_databases().back();
      free_databases().pop_back();
      testing_support::postgres_server().execute(
          "truncate amends.saga, amends.journal, amends.start_key, amends.tag, amends.plan, amends.command, "
          "amends.engine, amends.flush;"
          "update amends.shard set writer_id = null; delete from amends.writer where writer_id <> 0;"
          "update amends.writer set epoch = 0;"
          "insert into amends.flush (writer_id, commit_seq, epoch) select writer_id, 0, 0 from amends.writer",
          name_);
    }
  }
  ~PostgresTables() override { free_databases().push_back(name_); }

  std::unique_ptr<Store> open() override {
    auto opened = postgres::PostgresStore::open(url());
    AMENDS_CHECK(opened.store != nullptr, opened.error);
    return std::move(opened.store);
  }

 private:
  static std::vector<std::string>& free_databases() {
    static std::vector<std::string> names;
    return names;
  }
  std::string url() const { return testing_support::postgres_server().url(name_); }

  static inline int databases_ = 0;
  std::string name_;
};

class MemoryTables : public Tables {
 public:
  std::unique_ptr<Store> open() override { return std::make_unique<memory::MemoryStore>(tables_); }

 private:
  std::shared_ptr<memory::Tables> tables_ = std::make_shared<memory::Tables>();
};

}  // namespace

std::vector<StoreKind> all_store_kinds() {
  return {{.name = "sqlite", .make_tables = [] { return std::make_unique<SqliteTables>(); }},
          {.name = "memory", .make_tables = [] { return std::make_unique<MemoryTables>(); }},
          {.name = "postgres",
           .make_tables = [] { return std::make_unique<PostgresTables>(); },
           .keeps_nul = false}};
}

}  // namespace amends::engine
