#include "adapters/store/postgres/schema.hpp"

#include "adapters/store/postgres/rows.hpp"

namespace amends::postgres {
namespace {

// extract() is exact, a numeric, since 14; before, times would go through floating point.
constexpr int server_oldest = 14;

}  // namespace

std::string find_server_fault(int version_num, const std::string& shown) {
  if (version_num >= server_oldest * 10'000) return {};
  return "the server is PostgreSQL " + shown + "; Amends needs " + std::to_string(server_oldest) +
         " or a newer one";
}

PostgresError newer_schema(int version, int newest) {
  return {"", "the store has schema version " + std::to_string(version) + " and this program knows " +
                  std::to_string(newest) + ": it was migrated by a newer Amends"};
}

FoundSchema find_schema(Connection& connection) {
  const auto server = connection.run("describe_server");
  const std::string fault =
      find_server_fault(static_cast<int>(read_number(server[0][2])), read_text(server[0][3]));
  if (!fault.empty()) throw PostgresError{"", fault};
  if (read_text(server[0][1]) != "UTF8") {
    throw PostgresError{"", "the database's encoding is " + read_text(server[0][1]) + "; Amends needs UTF8"};
  }
  if (read_text(server[0][0]) != "t") return {};
  const auto found = connection.run("find_schema_version");
  const auto number = [&](int column) { return static_cast<int>(read_number(found[0][column])); };
  return {.has_versions = true, .applied = number(0), .ready = number(1), .engines_since = number(2)};
}

FoundSchema check_schema(Connection& connection, SchemaRange range) {
  const FoundSchema found = find_schema(connection);
  if (found.ready == 0) {
    throw PostgresError{"", "the database has no Amends tables yet: run amends db migrate --store URL"};
  }
  if (found.engines_since > range.newest) throw newer_schema(found.applied, range.newest);
  if (found.ready < range.oldest) {
    throw PostgresError{"", "the store has the older schema version " + std::to_string(found.ready) +
                                ": run amends db migrate --store URL"};
  }
  return found;
}

}  // namespace amends::postgres
