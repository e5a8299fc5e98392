// A prepared statement of SQLite, its parameters and its rows as JSON. docs/sql_steps.md has the table.
#pragma once
#include <sqlite3.h>

#include <memory>
#include <string>
#include <string_view>

#include "engine/base/json.hpp"

namespace amends::sql {

// One thread. Bound text must outlive the statement.
class SqliteStatement {
 public:
  SqliteStatement(sqlite3* db, std::string_view sql);

  sqlite3_stmt* get() const { return statement_.get(); }
  int code() const { return code_; }
  bool ok() const { return code_ == SQLITE_OK && statement_ != nullptr; }
  // Whether another statement follows in the text.
  bool has_more() const { return has_more_; }

  void bind(int at, std::string_view text) const;
  void bind(int at, std::int64_t value) const { sqlite3_bind_int64(get(), at, value); }
  // Parameters are $1, $2, ... as in PostgreSQL, or ?1, ?2, ... What is wrong with them; empty when nothing
  // is.
  std::string bind_all(const engine::Json& params) const;

  std::string text(int column) const;
  std::size_t row_bytes() const;
  // The row as an object by column names. Throws Failure when two columns share a name or a text is none.
  engine::Json row() const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  std::string bind_json(int at, const engine::Json& value) const;
  engine::Json value(int column) const;

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  int code_ = SQLITE_OK;
  bool has_more_ = false;
};

// "SQLITE_CONSTRAINT" for the code and all its extended ones. SQLite has one code for a missing table and for
// a mistake; what it says tells them apart.
std::string sqlite_code_name(int code, std::string_view text);

}  // namespace amends::sql
