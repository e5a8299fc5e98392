// SQLite's C interface with owners: connections, prepared statements, and errors as one exception that never
// leaves this adapter. One thread at a time.
#pragma once
#include <sqlite3.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/saga_id.hpp"
#include "engine/base/time.hpp"

namespace amends::sqlite {

struct SqliteError {
  int code = SQLITE_OK;  // the extended result code
  std::string text;
};

// "disk_full", "data" or "io": the class that the port's callers act on.
std::string error_class_of(const SqliteError& error);
// One sentence for people: what was tried, what SQLite said.
std::string sentence(std::string_view what, const SqliteError& error);

class Connection;

// A prepared statement. run() binds every parameter and starts it; the Run resets it again, because a
// statement left half-way keeps its read transaction open.
class Statement {
 public:
  class Run {
   public:
    explicit Run(Statement& statement) : statement_(statement) {}
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;
    ~Run() { sqlite3_reset(statement_.statement_); }

    bool next();  // false after the last row; throws SqliteError
    std::int64_t integer(int column) const { return sqlite3_column_int64(statement_.statement_, column); }
    std::string text(int column) const;
    engine::SagaId id(int column) const;
    engine::WallTime time(int column) const { return engine::from_micros(integer(column)); }
    std::optional<engine::WallTime> maybe_time(int column) const;
    // What is stored there: a column of SQLite takes values of any kind. SQLITE_INTEGER, SQLITE_TEXT, ...
    int type(int column) const { return sqlite3_column_type(statement_.statement_, column); }

   private:
    Statement& statement_;
  };

  Statement(Connection& connection, std::string_view sql);
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement() { sqlite3_finalize(statement_); }

  // The arguments must outlive the Run: text and ids are bound without a copy.
  template <typename... Args>
  Run run(const Args&... args) {
    int index = 0;
    (bind(++index, args), ...);
    return Run(*this);
  }
  // Runs a statement that has no rows to read.
  template <typename... Args>
  void execute(const Args&... args) {
    Run running = run(args...);
    while (running.next()) {
    }
  }

 private:
  void bind(int index, std::int64_t value) { check(sqlite3_bind_int64(statement_, index, value)); }
  void bind(int index, std::uint64_t value) { bind(index, static_cast<std::int64_t>(value)); }
  void bind(int index, std::uint32_t value) { bind(index, static_cast<std::int64_t>(value)); }
  void bind(int index, bool value) { bind(index, static_cast<std::int64_t>(value)); }
  void bind(int index, engine::WallTime at) { bind(index, engine::to_micros(at)); }
  void bind(int index, std::string_view text);
  void bind(int index, const std::string& text) { bind(index, std::string_view(text)); }
  void bind(int index, const engine::SagaId& id);
  void bind(int index, const std::optional<engine::WallTime>& at);
  void check(int code) {
    if (code != SQLITE_OK) fail();
  }
  [[noreturn]] void fail();

  sqlite3* db_ = nullptr;
  sqlite3_stmt* statement_ = nullptr;
};

class Connection {
 public:
  enum class Access { write, read, read_immutable };

  // Opens `path`, which exists already. `vfs` empty: the system's. Throws SqliteError.
  Connection(const std::string& path, Access access, const std::string& vfs);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  // What a writer needs of the file: write-ahead log, full sync. Changes the file, so only once it is known
  // as ours.
  void make_durable();

  sqlite3* raw() const { return db_; }
  void execute(const std::string& statements);         // throws SqliteError
  std::int64_t read_number(const std::string& query);  // the first column of the first row, or 0
  std::string read_text(const std::string& query);
  int changes() const { return sqlite3_changes(db_); }
  bool in_transaction() const { return sqlite3_get_autocommit(db_) == 0; }

 private:
  void configure(Access access);

  sqlite3* db_ = nullptr;
};

}  // namespace amends::sqlite
