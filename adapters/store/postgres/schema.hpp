// The schema's versions: which one a database has, and which ones this program runs on.
//
// Version N is the file sql/schema_N.sql, one transaction, and where there is one sql/indexes_N.sql, whose
// indexes are built concurrently afterwards. A version that only expands says in a line of its own, first in
// its file, since which version an engine must know to go on running on it:
//
//     -- engines since: 2
//
// Without that line it is N itself: older engines are refused from then on.
#pragma once
#include <functional>
#include <optional>
#include <string>

#include "adapters/store/postgres/connection.hpp"

namespace amends::postgres {

// This program's engines and readers run on every version from the oldest to the newest, and on later ones
// whose engines_since is not above the newest.
inline constexpr int schema_oldest = 3, schema_newest = 5;

struct SchemaRange {
  int oldest = schema_oldest, newest = schema_newest;
};

// What a database says about itself.
struct FoundSchema {
  bool has_versions = false;
  int applied = 0;        // the newest version whose tables are there
  int ready = 0;          // the newest version whose indexes are there, too
  int engines_since = 0;  // what an engine must know
};

// Refuses, with a sentence: a server that is too old, a database that is not UTF-8, that has no tables of
// ours, or whose version is outside the range. Writes nothing. Throws PostgresError.
FoundSchema check_schema(Connection& connection, SchemaRange range = {});

// Of a whole number like 150004. Empty when it is new enough, or a sentence.
std::string find_server_fault(int version_num, const std::string& shown);

struct Migrated {
  int from = 0, to = 0;
  std::string error_class, error;  // empty when it succeeded
};

// Where the versions come from; another source is for tests.
struct SchemaFiles {
  int newest = schema_newest;
  std::function<std::string(const std::string& name)> read;  // "" when there is none of that name
  std::optional<engine::ShardId> shards = std::nullopt;
  int table_lock_tries = 240;  // of about a second each, for a table that somebody holds
};

// Brings an empty or older database to the newest version. Safe twice, beside running engines, and beside
// another migration: the later one waits and finds nothing to do. Killed anywhere, the next one goes on.
// `shards` is how many a store gets that has none yet, 1 to engine::shards_max, 64 when nothing is said;
// fixed from then on: another number is refused, class "shards_fixed", before anything is written.
Migrated migrate(const std::string& url, std::optional<engine::ShardId> shards = std::nullopt);
Migrated migrate(const std::string& url, const SchemaFiles& files);

// Throws PostgresError, also for a server or an encoding that will not do.
FoundSchema find_schema(Connection& connection);
PostgresError newer_schema(int version, int newest);

}  // namespace amends::postgres
