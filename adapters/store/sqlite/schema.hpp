// The schema's versions, and the look at a file before it is trusted.
#pragma once
#include <string>

#include "adapters/store/sqlite/connection.hpp"

namespace amends::sqlite {

inline constexpr int schema_newest = 2;

// Makes the connection durable and brings an empty or older file to schema_newest, each version in a
// transaction of its own. Throws SqliteError, also for a file of a newer version and for one that is not
// ours.
void migrate(Connection& connection);

// Refuses what migrate() refuses and a file that still has to be migrated; writes nothing.
void check_version(Connection& connection);

// Reads the small tables whole, and the rest too while the file is small: a file of many gigabytes must not
// keep the engine from starting. Throws SqliteError when SQLite finds it damaged.
void quick_check(Connection& connection);

}  // namespace amends::sqlite
