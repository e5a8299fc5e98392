#include "adapters/store/postgres/schema.hpp"

#include "adapters/store/postgres/rows.hpp"
#include "adapters/store/postgres/sql.hpp"
#include "engine/base/check.hpp"

namespace amends::postgres {
namespace {

// A migration may wait for another one, and build indexes.
constexpr engine::Millis migration_limit = std::chrono::minutes(30);

PostgresError newer(int version) {
  return {"", "the store has schema version " + std::to_string(version) + " and this program knows " +
                  std::to_string(schema_newest) + ": it was migrated by a newer Amends"};
}

// Nothing when the tables are not there.
std::optional<int> find_version(Connection& connection) {
  const auto found = connection.run("has_schema_version");
  if (read_text(found[0][1]) != "UTF8") {
    throw PostgresError{"", "the database's encoding is " + read_text(found[0][1]) + "; Amends needs UTF8"};
  }
  if (read_text(found[0][0]) != "t") return std::nullopt;
  return static_cast<int>(read_number(connection.run("find_schema_version")[0][0]));
}

void migrate_to(Connection& connection, int version) {
  const std::string file = "schema_" + std::to_string(version);
  AMENDS_CHECK(!sql_file(file).empty(), "a schema version has no file");
  connection.execute(std::string(sql_file(file)));
  connection.run("add_schema_version", Params().integer(static_cast<std::uint64_t>(version)));
}

// One step under the lock; false when there is nothing left to do.
bool migrate_once(Connection& connection, Migrated& migrated) {
  connection.execute("begin");
  connection.run("lock_migrations");
  if (!find_version(connection)) {
    connection.run("ensure_schema");
    connection.run("ensure_schema_version");
  }
  const int version = find_version(connection).value_or(0);
  if (version > schema_newest) throw newer(version);
  if (migrated.to == 0) migrated.from = version;
  migrated.to = version;
  if (version < schema_newest) migrate_to(connection, ++migrated.to);
  connection.execute("commit");
  return version < schema_newest;
}

}  // namespace

Migrated migrate(const std::string& url) {
  const Address address = read_address(url);
  Migrated out;
  if (!address.error.empty()) return {0, 0, "io", address.error};
  try {
    Watchdog dog(migration_limit);
    // Closing the connection rolls back what an error left.
    Connection connection(address, dog);
    while (migrate_once(connection, out)) continue;
  } catch (const PostgresError& error) {
    out.error_class = error_class_of(error);
    out.error = sentence("cannot migrate " + address.shown, error);
  }
  return out;
}

void check_schema(Connection& connection) {
  const auto version = find_version(connection);
  if (!version || *version == 0) {
    throw PostgresError{"", "the database has no Amends tables yet: run amends db migrate --store URL"};
  }
  if (*version > schema_newest) throw newer(*version);
  if (*version < schema_newest) {
    throw PostgresError{"", "the store has the older schema version " + std::to_string(*version) +
                                ": run amends db migrate --store URL"};
  }
}

}  // namespace amends::postgres
