#include "adapters/store/sqlite/connection.hpp"

#include <cstdio>
#include <cstring>

#include "engine/base/check.hpp"

namespace amends::sqlite {
namespace {

constexpr int row_bytes_max = 64 << 20;
constexpr int writer_busy_ms = 200;
constexpr int reader_busy_ms = 2000;

[[noreturn]] void fail_with(sqlite3* db) {
  throw SqliteError{sqlite3_extended_errcode(db), sqlite3_errmsg(db)};
}

// A path inside a file: URI: everything but the plainest characters is escaped, or '?' would begin the
// options.
std::string uri_of(const std::string& path, std::string_view options) {
  std::string out = "file:";
  for (const unsigned char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '/' || c == '.' || c == '-' || c == '_';
    char escaped[4];
    std::snprintf(escaped, sizeof escaped, plain ? "%c" : "%%%02X", c);
    out += escaped;
  }
  return out + "?" + std::string(options);
}

}  // namespace

std::string error_class_of(const SqliteError& error) {
  switch (error.code & 0xff) {
    case SQLITE_FULL: return "disk_full";
    case SQLITE_CONSTRAINT:
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH: return "data";
    default: return "io";
  }
}

std::string sentence(std::string_view what, const SqliteError& error) {
  return std::string(what) + ": " + error.text + " (SQLite " + std::to_string(error.code) + ")";
}

bool Statement::Run::next() {
  switch (sqlite3_step(statement_.statement_)) {
    case SQLITE_ROW: return true;
    case SQLITE_DONE: return false;
    default: statement_.fail();
  }
}

std::string Statement::Run::text(int column) const {
  // The bytes first would be wrong: sqlite3_column_text may convert, and the count is of what it returned.
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_.statement_, column));
  const auto count = static_cast<std::size_t>(sqlite3_column_bytes(statement_.statement_, column));
  return bytes == nullptr ? std::string() : std::string(bytes, count);
}

engine::SagaId Statement::Run::id(int column) const {
  engine::SagaId id;
  const void* bytes = sqlite3_column_blob(statement_.statement_, column);
  const auto count = static_cast<std::size_t>(sqlite3_column_bytes(statement_.statement_, column));
  if (count != id.bytes.size()) throw SqliteError{SQLITE_CORRUPT, "a saga id that is not 16 bytes long"};
  std::memcpy(id.bytes.data(), bytes, count);
  return id;
}

std::optional<engine::WallTime> Statement::Run::maybe_time(int column) const {
  if (sqlite3_column_type(statement_.statement_, column) == SQLITE_NULL) return std::nullopt;
  return time(column);
}

Statement::Statement(Connection& connection, std::string_view sql) : db_(connection.raw()) {
  const int code = sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement_, nullptr);
  if (code != SQLITE_OK) fail();
}

void Statement::bind(int index, std::string_view text) {
  // A null pointer would bind NULL, and the columns are not null.
  const char* bytes = text.data() == nullptr ? "" : text.data();
  check(sqlite3_bind_text64(statement_, index, bytes, text.size(), SQLITE_STATIC, SQLITE_UTF8));
}

void Statement::bind(int index, const engine::SagaId& id) {
  check(sqlite3_bind_blob(statement_, index, id.bytes.data(), static_cast<int>(id.bytes.size()),
                          SQLITE_STATIC));
}

void Statement::bind(int index, const std::optional<engine::WallTime>& at) {
  if (at) return bind(index, *at);
  check(sqlite3_bind_null(statement_, index));
}

void Statement::fail() {
  fail_with(db_);
}

Connection::Connection(const std::string& path, Access access, const std::string& vfs) {
  const std::string name = access == Access::read_immutable ? uri_of(path, "immutable=1") : uri_of(path, "");
  const int mode = access == Access::write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY;
  const int code = sqlite3_open_v2(name.c_str(), &db_, mode | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX,
                                   vfs.empty() ? nullptr : vfs.c_str());
  try {
    if (code != SQLITE_OK) fail_with(db_);
    configure(access);
  } catch (const SqliteError&) {
    sqlite3_close(db_);
    throw;
  }
}

Connection::~Connection() {
  AMENDS_CHECK(sqlite3_close(db_) == SQLITE_OK, "a statement outlived its connection");
}

void Connection::configure(Access access) {
  sqlite3_extended_result_codes(db_, 1);
  // A doctored file must not run anything: no writes to the schema's tables, no functions from views.
  sqlite3_db_config(db_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(db_, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, nullptr);
  sqlite3_db_config(db_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_limit(db_, SQLITE_LIMIT_LENGTH, row_bytes_max);
  sqlite3_busy_timeout(db_, access == Access::write ? writer_busy_ms : reader_busy_ms);
  execute("pragma cell_size_check = on; pragma temp_store = memory");
  if (access != Access::write) execute("pragma query_only = on");
}

void Connection::make_durable() {
  // The -wal and -shm files stay when the last connection closes, so that a reader never has to create them.
  int persist = 1;
  sqlite3_file_control(db_, "main", SQLITE_FCNTL_PERSIST_WAL, &persist);
  if (read_text("pragma journal_mode = wal") != "wal") {
    throw SqliteError{SQLITE_CANTOPEN, "the file system does not support write-ahead logging"};
  }
  // full: in WAL mode anything less loses the last commits when the power goes.
  execute(
      "pragma synchronous = full; pragma wal_autocheckpoint = 1000; pragma journal_size_limit = 67108864;"
      "pragma cache_size = -16000; pragma secure_delete = off");
}

void Connection::execute(const std::string& statements) {
  if (sqlite3_exec(db_, statements.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail_with(db_);
}

std::int64_t Connection::read_number(const std::string& query) {
  Statement statement(*this, query);
  auto row = statement.run();
  return row.next() ? row.integer(0) : 0;
}

std::string Connection::read_text(const std::string& query) {
  Statement statement(*this, query);
  auto row = statement.run();
  return row.next() ? row.text(0) : std::string();
}

}  // namespace amends::sqlite
