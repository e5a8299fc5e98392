// One SQLite connection, as little of it as the participants need.
#pragma once
#include <sqlite3.h>

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <variant>

namespace participants {

using Value = std::variant<std::int64_t, std::string>;

// One thread at a time. Every failure of the database throws std::runtime_error with SQLite's message.
class Database {
 public:
  // Opens or creates `file`. What is committed outlives the process, though not a power cut.
  explicit Database(const std::string& file);

  void execute(const char* sql);
  // Runs one statement with ?1, ?2 and so on bound; returns how many rows it changed.
  int write(const char* sql, std::initializer_list<Value> values);
  std::int64_t last_id() const { return sqlite3_last_insert_rowid(db_.get()); }
  sqlite3* handle() { return db_.get(); }

 private:
  [[noreturn]] void fail(const char* what) const;

  struct Close {
    void operator()(sqlite3* db) const { sqlite3_close(db); }
  };
  std::unique_ptr<sqlite3, Close> db_;
};

}  // namespace participants
