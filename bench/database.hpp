// A PostgreSQL of the benchmark's own: on the disk of the temporary folder, with the server's own defaults
// but for shared_buffers and the size between checkpoints.
#pragma once
#include <filesystem>
#include <memory>
#include <string>

#include "adapters/store/postgres/postgres_store.hpp"
#include "tests/support/postgres.hpp"

namespace amends::bench {

class Database {
 public:
  // `preload` is a library for the server's processes; empty for none. `settings` as of PostgresOptions.
  explicit Database(const std::filesystem::path& dir, const std::string& preload = {},
                    std::vector<std::string> settings = {});

  // A new database with our tables, and its URL. Throws std::runtime_error with a sentence, like the others.
  std::string make(const std::string& name);
  std::unique_ptr<postgres::PostgresStore> open(const std::string& url, postgres::Options options = {});

  // Since the server's start. Counts the server as a whole.
  double cpu_seconds() const { return server_.cpu_seconds(); }
  std::uint64_t wal_bytes();
  testing_support::PostgresServer& server() { return server_; }

 private:
  testing_support::PostgresServer server_;
};

}  // namespace amends::bench
