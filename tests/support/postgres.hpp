// A PostgreSQL 15 of the test's own: in a temporary folder, on a unix socket only, as an unprivileged user
// (it refuses to run as root; started as root, it becomes `nobody`), gone with the object or with the test
// program.
#pragma once
#include <sys/types.h>

#include <filesystem>
#include <string>

namespace amends::testing_support {

// One thread.
class PostgresServer {
 public:
  // Copies a cluster that is made once per build folder, and starts it. fsync is on.
  PostgresServer();
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  // As the superuser "postgres".
  std::string url(const std::string& database = "postgres") const;
  // A new database of this name, empty.
  void create_database(const std::string& name);
  void execute(const std::string& sql, const std::string& database = "postgres");

  void start();
  // Kills the server with all its processes, as a crash would.
  void crash();

 private:
  std::filesystem::path dir_;
  pid_t pid_ = 0;
};

// The one server of this test program, started at its first use.
PostgresServer& postgres_server();

}  // namespace amends::testing_support
