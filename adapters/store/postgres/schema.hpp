// The schema's versions, and the look at a database before it is trusted.
#pragma once
#include <string>

#include "adapters/store/postgres/connection.hpp"

namespace amends::postgres {

inline constexpr int schema_newest = 1;

struct Migrated {
  int from = 0, to = 0;
  std::string error_class, error;  // empty when it succeeded
};

// Brings an empty or older database to schema_newest, each version in a transaction of its own. Safe twice,
// and safe beside another migration: the later one waits and finds nothing to do.
Migrated migrate(const std::string& url);

// Refuses a database that is not UTF-8, has no tables of ours, older ones or those of a newer Amends. Writes
// nothing. Throws PostgresError.
void check_schema(Connection& connection);

}  // namespace amends::postgres
