// The barrier's table, made for a participant by `amends db barrier`.
#include <libpq-fe.h>
#include <sqlite3.h>

#include <memory>

#include "adapters/effect/sql/postgres_wire.hpp"
#include "adapters/effect/sql/sql_adapter.hpp"
#include "amends/barrier_schema.hpp"

namespace amends::sql {
namespace {

std::string ensure_in_postgres(const std::string& url, bool& was_missing) {
  // Not through PostgresWire: an operator's own URL may hold a password, and may wait as libpq waits.
  const std::unique_ptr<PGconn, FreeConnection> connection(PQconnectdb(url.c_str()));
  if (PQstatus(connection.get()) != CONNECTION_OK) return first_line(PQerrorMessage(connection.get()));
  PQsetNoticeProcessor(
      connection.get(), [](void*, const char*) {}, nullptr);
  const Result found(PQexec(connection.get(), "select to_regclass('amends_barrier') is null"));
  was_missing = PQntuples(found.get()) == 1 && *PQgetvalue(found.get(), 0, 0) == 't';
  const Result made(PQexec(connection.get(), barrier_schema_postgres));
  return PQresultStatus(made.get()) == PGRES_COMMAND_OK ? "" : first_line(PQresultErrorMessage(made.get()));
}

std::string ensure_in_sqlite(const std::string& path, bool& was_missing) {
  sqlite3* opened = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &opened, SQLITE_OPEN_READWRITE, nullptr);
  const std::unique_ptr<sqlite3, decltype(&sqlite3_close)> db(opened, &sqlite3_close);
  if (code != SQLITE_OK) return opened == nullptr ? "no memory" : sqlite3_errmsg(opened);
  sqlite3_busy_timeout(opened, 5'000);
  was_missing = true;
  const auto find = [](void* missing, int, char**, char**) {
    return *static_cast<bool*>(missing) = false, 0;
  };
  sqlite3_exec(opened, "select 1 from sqlite_master where type = 'table' and name = 'amends_barrier'", find,
               &was_missing, nullptr);
  return sqlite3_exec(opened, barrier_schema, nullptr, nullptr, nullptr) == SQLITE_OK
             ? ""
             : sqlite3_errmsg(opened);
}

}  // namespace

std::string ensure_barrier(const std::string& url, bool* was_missing) {
  bool ignored = false;
  bool& missing = was_missing != nullptr ? *was_missing : ignored;
  if (is_sqlite_url(url)) return ensure_in_sqlite(url.substr(std::string_view("sqlite:").size()), missing);
  if (url.starts_with("postgres://") || url.starts_with("postgresql://"))
    return ensure_in_postgres(url, missing);
  return "the URL begins neither with postgres:// nor with sqlite:";
}

std::string barrier_sql(std::string_view dialect) {
  const char* sql = dialect == "postgres" ? barrier_schema_postgres
                    : dialect == "sqlite" ? barrier_schema
                                          : "";
  // Without the line break that begins it, and with what ends a statement.
  const std::string_view text(sql);
  return text.empty() ? "" : std::string(text.substr(1, text.size() - 2)) + ";\n";
}

}  // namespace amends::sql
