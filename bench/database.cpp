#include "bench/database.hpp"

#include <stdexcept>

#include "adapters/store/postgres/schema.hpp"

namespace amends::bench {
namespace {

std::vector<std::string> with_defaults(std::vector<std::string> settings) {
  settings.insert(settings.end(), {"autovacuum=on", "max_connections=100"});
  return settings;
}

}  // namespace

Database::Database(const std::filesystem::path& dir, const std::string& preload,
                   std::vector<std::string> settings)
    : server_({.place = (std::filesystem::create_directories(dir), dir),
               .shared_buffers = "1GB",
               .max_wal_size = "1GB",
               .wal_segment_mb = 16,
               .settings = with_defaults(std::move(settings)),
               .preload = preload}) {}

std::string Database::make(const std::string& name) {
  server_.create_database(name);
  const auto migrated = postgres::migrate(server_.url(name));
  if (!migrated.error.empty()) throw std::runtime_error(migrated.error);
  return server_.url(name);
}

std::unique_ptr<postgres::PostgresStore> Database::open(const std::string& url, postgres::Options options) {
  auto opened = postgres::PostgresStore::open(url, std::move(options));
  if (!opened.store) throw std::runtime_error(opened.error);
  return std::move(opened.store);
}

std::uint64_t Database::wal_bytes() {
  testing_support::PostgresSession session(server_.url());
  return std::stoull(session.ask("select (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint"));
}

}  // namespace amends::bench
