#include "apps/amendsd/open_store.hpp"

#include "adapters/store/postgres/postgres_store.hpp"
#include "adapters/store/sqlite/sqlite_store.hpp"

namespace amends::daemon {

Millis keys_retention(const Config& config) {
  return config.engine.keys_retention + config.retention.finished.value_or(Millis(0));
}

OpenedStore open_store(const Config& config) {
  if (config.store_url.empty()) {
    sqlite::Options options;
    options.reserve_bytes = config.reserve_bytes;
    sqlite::OpenedStore opened = sqlite::SqliteStore::open(config.data_dir, options);
    return {std::move(opened.store), config.data_dir, opened.error};
  }
  postgres::Options options;
  options.is_shared = true;
  options.lease = config.engine.lease;
  options.version = version;
  options.inspection_limit = std::chrono::seconds(5);  // it is only asked for the store's mark
  options.keys_retention = keys_retention(config);
  postgres::OpenedStore opened = postgres::PostgresStore::open(config.store_url, options);
  const std::string shown = opened.store ? opened.store->shown() : "";
  return {std::move(opened.store), shown, opened.error};
}

}  // namespace amends::daemon
