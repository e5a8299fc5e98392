#include "samples/participants/database.hpp"

#include <stdexcept>

namespace participants {

Database::Database(const std::string& file) {
  sqlite3* db = nullptr;
  const int code = sqlite3_open(file.c_str(), &db);
  db_.reset(db);
  if (code != SQLITE_OK) fail(file.c_str());
  sqlite3_busy_timeout(db, 5'000);
  execute("pragma journal_mode = wal");
  // Outlives any death of the process, which is what the sample inflicts. A real participant says `full`: a
  // power cut would take back the last answers, and a commit that waits for the disk is all that differs.
  execute("pragma synchronous = normal");
}

void Database::execute(const char* sql) {
  if (sqlite3_exec(db_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail(sql);
}

int Database::write(const char* sql, std::initializer_list<Value> values) {
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v2(db_.get(), sql, -1, &raw, nullptr) != SQLITE_OK) fail(sql);
  const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> statement(raw, sqlite3_finalize);
  int at = 0;
  for (const auto& value : values) {
    ++at;
    if (const auto* number = std::get_if<std::int64_t>(&value)) {
      sqlite3_bind_int64(raw, at, *number);
    } else {
      const auto& text = std::get<std::string>(value);
      sqlite3_bind_text(raw, at, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
    }
  }
  if (sqlite3_step(raw) != SQLITE_DONE) fail(sql);
  return sqlite3_changes(db_.get());
}

void Database::fail(const char* what) const {
  throw std::runtime_error(std::string(what) + ": " + sqlite3_errmsg(db_.get()));
}

}  // namespace participants
