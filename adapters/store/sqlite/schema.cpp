#include "adapters/store/sqlite/schema.hpp"

#include "adapters/store/sqlite/sql.hpp"
#include "engine/base/check.hpp"
#include "engine/base/failpoint.hpp"

namespace amends::sqlite {
namespace {

constexpr std::int64_t application_id = 0x414d4e44;  // "AMND", at byte 68 of the file
constexpr std::int64_t checked_bytes_max = 64 << 20;

std::int64_t read_version(Connection& connection) {
  const auto version = connection.read_number("pragma user_version");
  const auto owner = connection.read_number("pragma application_id");
  if (version != 0 && owner != application_id) {
    throw SqliteError{SQLITE_NOTADB, "the file is another program's database"};
  }
  if (version > schema_newest) {
    throw SqliteError{SQLITE_CANTOPEN, "the store has schema version " + std::to_string(version) +
                                           " and this program knows " + std::to_string(schema_newest) +
                                           ": it was written by a newer Amends"};
  }
  return version;
}

}  // namespace

void migrate(Connection& connection) {
  auto version = read_version(connection);
  if (version == 0 && connection.read_number("select count(*) from sqlite_schema") != 0) {
    throw SqliteError{SQLITE_NOTADB, "the file is another program's database"};
  }
  connection.make_durable();
  while (version < schema_newest) {
    ++version;
    const std::string file = "schema_" + std::to_string(version);
    AMENDS_CHECK(!sql_file(file).empty(), "a schema version has no file");
    connection.execute("begin exclusive;" + std::string(sql_file(file)));
    AMENDS_FAILPOINT_HERE("migration_mid");
    connection.execute("pragma application_id = " + std::to_string(application_id) +
                       "; pragma user_version = " + std::to_string(version));
    AMENDS_FAILPOINT_HERE("migration_mid");
    connection.execute("commit");
    AMENDS_FAILPOINT_HERE("migration_mid");
  }
}

void check_version(Connection& connection) {
  const auto version = read_version(connection);
  if (version == 0) throw SqliteError{SQLITE_NOTADB, "the file is not an Amends store yet"};
  if (version < schema_newest) {
    throw SqliteError{SQLITE_CANTOPEN, "the store has the older schema version " + std::to_string(version) +
                                           ": start amendsd once to bring it up to date"};
  }
}

void quick_check(Connection& connection) {
  const auto bytes = connection.read_number("pragma page_count") * connection.read_number("pragma page_size");
  const bool small = bytes <= checked_bytes_max;
  for (const char* what :
       {"pragma quick_check(writer)", "pragma quick_check(plan)", "pragma quick_check(1)"}) {
    if (!small && std::string_view(what).ends_with("(1)")) break;
    const std::string answer = connection.read_text(what);
    if (answer != "ok") throw SqliteError{SQLITE_CORRUPT, "the store is damaged: " + answer};
  }
}

}  // namespace amends::sqlite
