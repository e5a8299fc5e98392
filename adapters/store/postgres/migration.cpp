// `amends db migrate`: expand under running engines, index without locking them out.
#include <thread>

#include "adapters/store/postgres/rows.hpp"
#include "adapters/store/postgres/schema.hpp"
#include "adapters/store/postgres/sql.hpp"
#include "engine/base/check.hpp"
#include "engine/base/failpoint.hpp"

namespace amends::postgres {
namespace {

// One statement of a migration may build an index over years of sagas; a dead network shows by TCP.
constexpr engine::Millis statement_limit = std::chrono::hours(6);
// How long another migration is waited for.
constexpr engine::Millis lock_limit = std::chrono::minutes(30);
// A change of a table waits for its readers, and every flush waits behind it: so not for long, and with a
// pause for the flushes in between. Less than deadlock_timeout, too: in a circle the change gives way, not a
// flush. Only after that time does the server end an autovacuum that is in the way: hence now and then more.
constexpr std::string_view short_wait = "set local lock_timeout = '250ms'";
constexpr std::string_view long_wait = "set local lock_timeout = '1200ms'";
constexpr int long_wait_every = 8;
constexpr engine::Millis between_tries{750};
// By the version of the schema that has them first.
constexpr int shards_since = 2;
constexpr engine::ShardId shards_usual = 64;
constexpr std::string_view lock_not_available = "55P03";

void lock_migrations(Connection& connection) {
  const auto until = std::chrono::steady_clock::now() + lock_limit;
  while (read_text(connection.run("try_lock_migrations")[0][0]) != "t") {
    if (std::chrono::steady_clock::now() > until) throw PostgresError{"", "another migration does not end"};
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
}

// Of the line "-- engines since: 2"; a version that does not say it has broken with all before.
int read_engines_since(const std::string& file, int version) {
  constexpr std::string_view mark = "-- engines since: ";
  return file.starts_with(mark) ? std::stoi(file.substr(mark.size())) : version;
}

void apply(Connection& connection, const SchemaFiles& files, int version, std::string_view wait) {
  const std::string file = files.read("schema_" + std::to_string(version));
  AMENDS_CHECK(!file.empty(), "a schema version has no file");
  connection.execute("begin");
  AMENDS_FAILPOINT_HERE("migration_mid");
  connection.execute(std::string(wait));
  connection.execute("set local amends.shards = " + std::to_string(files.shards.value_or(shards_usual)));
  connection.execute(file);
  AMENDS_FAILPOINT_HERE("migration_mid");
  connection.run("add_schema_version",
                 Params()
                     .integer(static_cast<std::uint64_t>(version))
                     .integer(static_cast<std::uint64_t>(read_engines_since(file, version))));
  AMENDS_FAILPOINT_HERE("migration_mid");
  connection.execute("commit");
  AMENDS_FAILPOINT_HERE("migration_mid");
}

// Who keeps us from a table: the session whose transaction is the oldest.
PostgresError table_in_use(Connection& connection, const PostgresError& error) {
  const auto found = connection.run("find_table_holder");
  const std::string who = found.empty() ? "another session" : read_text(found[0][0]);
  return {error.sqlstate, "a table that this version changes is in use by " + who + ": " + error.text};
}

void apply_when_free(Connection& connection, const SchemaFiles& files, int version) {
  for (int tries = 1;; ++tries) {
    try {
      return apply(connection, files, version, tries % long_wait_every == 0 ? long_wait : short_wait);
    } catch (const PostgresError& error) {
      if (error.sqlstate != lock_not_available) throw;
      connection.execute("rollback");
      if (tries >= files.table_lock_tries) throw table_in_use(connection, error);
    }
    std::this_thread::sleep_for(between_tries);
  }
}

// What a build leaves that was cut short is an index that every insert pays for and no query uses.
void ensure_index(Connection& connection, const std::string& name, const std::string& create) {
  const auto found = connection.run("find_index", Params().text(name));
  if (!found.empty() && read_text(found[0][0]) == "t") return;
  if (!found.empty()) connection.execute(read_text(found[0][1]));
  AMENDS_FAILPOINT_HERE("migration_mid");
  connection.execute(create);
}

// The file is a list of "-- index: NAME" and the statement that builds it.
void build_indexes(Connection& connection, const std::string& file) {
  constexpr std::string_view mark = "-- index: ";
  for (auto at = file.find(mark); at != std::string::npos; at = file.find(mark, at + 1)) {
    const auto name = at + mark.size(), text = file.find('\n', name);
    AMENDS_CHECK(text != std::string::npos, "an index of a schema version has no statement");
    ensure_index(connection, file.substr(name, text - name), file.substr(text, file.find(';', text) - text));
  }
}

void migrate_locked(Connection& connection, const SchemaFiles& files, Migrated& out) {
  FoundSchema found = find_schema(connection);
  if (!found.has_versions) {
    connection.run("ensure_schema");
    connection.run("ensure_schema_version");
  }
  out.from = out.to = found.ready;
  if (found.applied > files.newest) throw newer_schema(found.applied, files.newest);
  if (files.shards && found.applied >= shards_since) {
    const auto has = read_number(connection.run("count_shards")[0][0]);
    if (has != *files.shards) {
      out.error_class = "shards_fixed";
      out.error = "the store has " + std::to_string(has) + (has == 1 ? " shard" : " shards") +
                  ", and that is fixed for ever: ids and keys are placed by it. Make another database for "
                  "another number";
      return;
    }
  }
  while (out.to < files.newest) {
    const int version = out.to + 1;
    if (version > found.applied) apply_when_free(connection, files, version);
    build_indexes(connection, files.read("indexes_" + std::to_string(version)));
    connection.run("set_schema_ready", Params().integer(static_cast<std::uint64_t>(version)));
    AMENDS_FAILPOINT_HERE("migration_mid");
    out.to = version;
  }
}

}  // namespace

Migrated migrate(const std::string& url, const SchemaFiles& files) {
  const Address address = read_address(url);
  Migrated out;
  if (!address.error.empty()) return {0, 0, "io", address.error};
  try {
    Watchdog dog(statement_limit);
    // Closing the connection rolls back what an error left, and ends the lock.
    Connection connection(address, dog);
    connection.run("migration_session");
    lock_migrations(connection);
    migrate_locked(connection, files, out);
  } catch (const PostgresError& error) {
    out.error_class = error_class_of(error);
    out.error = sentence("cannot migrate " + address.shown, error);
  }
  return out;
}

Migrated migrate(const std::string& url, std::optional<engine::ShardId> shards) {
  AMENDS_CHECK(!shards || (*shards >= 1 && *shards <= engine::shards_max), "a store has 1 to 4096 shards");
  return migrate(
      url, {.read = [](const std::string& name) { return std::string(sql_file(name)); }, .shards = shards});
}

}  // namespace amends::postgres
