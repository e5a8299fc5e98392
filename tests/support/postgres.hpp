// A PostgreSQL 15 of the test's own: in a temporary folder, on a unix socket only, as an unprivileged user
// (it refuses to run as root; started as root, it becomes `nobody`), gone with the object or with the test
// program.
#pragma once
#include <sys/types.h>

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace amends::testing_support {

// A connection of the test's own, beside the store's. One thread; an error ends the program.
class PostgresSession {
 public:
  explicit PostgresSession(const std::string& url);
  ~PostgresSession();

  // The first column of the first row, "" for none; the last statement's when there are several.
  std::string ask(const std::string& sql);
  // Asks again and again until the answer is "t".
  void wait_until(const std::string& sql);

 private:
  struct Connection;
  std::unique_ptr<Connection> connection_;
};

struct PostgresOptions {
  // Where its folder is made; by default in memory where there is such a place, because what survives a power
  // cut is not what tests ask.
  std::filesystem::path place = {};
  std::string shared_buffers = "32MB", max_wal_size = "64MB";
  int wal_segment_mb = 1;  // 16 is what a server has by default
  // More of them, "name=value"; the last one of a name counts. %DIR% is the folder of `files`.
  std::vector<std::string> settings = {};
  int port = 5432;           // a part of the socket's name; TCP only where `settings` say listen_addresses
  std::string preload = {};  // a library that is loaded into every process of the server
  // Lines of pg_hba.conf before the one that trusts everyone on the unix socket.
  std::string access = {};
  // Put beside the data, readable for the server alone: name and text.
  std::vector<std::pair<std::string, std::string>> files = {};
};

// One thread.
class PostgresServer {
 public:
  // Copies a cluster that is made once per build folder, and starts it. fsync is on.
  explicit PostgresServer(PostgresOptions options = {});
  ~PostgresServer();
  PostgresServer(const PostgresServer&) = delete;
  PostgresServer& operator=(const PostgresServer&) = delete;

  // As the superuser "postgres", or as another role: everyone is trusted.
  std::string url(const std::string& database = "postgres", const std::string& user = "postgres") const;
  // The unix socket that it listens on.
  std::string socket() const { return (dir_ / (".s.PGSQL." + std::to_string(options_.port))).string(); }
  // A new database of this name, empty.
  void create_database(const std::string& name);
  void execute(const std::string& sql, const std::string& database = "postgres");

  void start();
  // SIGKILL for the server and each of its processes.
  void crash();
  // What its processes have used so far, those that ended included.
  double cpu_seconds() const;
  // `pg_ctl stop`: fast (clients are cut off, all is written) or immediate (recovery at the next start).
  enum class Stop { fast, immediate };
  void stop(Stop how);
  // SIGSTOP and SIGCONT for the server and each of its processes.
  void pause();
  void resume();
  // Whether it ended by itself meanwhile; start() is legal then.
  bool has_ended();

 private:
  std::vector<pid_t> processes() const;

  const PostgresOptions options_;
  std::filesystem::path dir_;
  pid_t pid_ = 0;
};

// The one server of this test program, started at its first use.
PostgresServer& postgres_server();

// On 127.0.0.1, free a moment ago.
int free_port();

}  // namespace amends::testing_support
