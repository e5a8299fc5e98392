// A participant's database with one business table, and what the tests ask of it.
#pragma once
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <string>

#include "amends/barrier.hpp"

namespace amends {

class Participant {
 public:
  explicit Participant(const std::string& path = ":memory:") {
    EXPECT_EQ(sqlite3_open(path.c_str(), &db_), SQLITE_OK);
    sqlite3_busy_timeout(db_, 10'000);
    run("pragma journal_mode = wal");
    run("create table if not exists effect (step text, what text)");
  }
  ~Participant() { sqlite3_close(db_); }
  Participant(const Participant&) = delete;
  Participant& operator=(const Participant&) = delete;

  sqlite3* db() { return db_; }
  void run(const std::string& sql) {
    char* error = nullptr;
    ASSERT_EQ(sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, &error), SQLITE_OK) << sql << ": " << error;
  }
  void write_effect(const std::string& step, const std::string& what) {
    run("insert into effect values ('" + step + "', '" + what + "')");
  }
  int count(const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    EXPECT_EQ(sqlite3_prepare_v2(db_, sql.c_str(), -1, &statement, nullptr), SQLITE_OK) << sql;
    EXPECT_EQ(sqlite3_step(statement), SQLITE_ROW);
    const int value = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    return value;
  }
  int effects(const std::string& what) {
    return count("select count(*) from effect where what = '" + what + "'");
  }

 private:
  sqlite3* db_ = nullptr;
};

}  // namespace amends
