#include "tests/conformance/store_kind.hpp"

#include <stdlib.h>

#include <filesystem>

#include "adapters/store/memory/memory_store.hpp"
#include "adapters/store/sqlite/sqlite_store.hpp"
#include "engine/base/check.hpp"

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

class MemoryTables : public Tables {
 public:
  std::unique_ptr<Store> open() override { return std::make_unique<memory::MemoryStore>(tables_); }

 private:
  std::shared_ptr<memory::Tables> tables_ = std::make_shared<memory::Tables>();
};

}  // namespace

std::vector<StoreKind> all_store_kinds() {
  return {{"sqlite", [] { return std::make_unique<SqliteTables>(); }},
          {"memory", [] { return std::make_unique<MemoryTables>(); }}};
}

}  // namespace amends::engine
