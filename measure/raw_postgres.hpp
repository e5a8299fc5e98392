// The ceiling on PostgreSQL: the rows that an engine wrote, written again by libpq alone.
#pragma once
#include <string>

#include "measure/lockstep.hpp"

namespace amends::measure {

// Reads the sagas of the database at `from` (completed, no keys) and writes the same rows into the migrated
// one at `to`: same tables and indexes, same session settings and fence, one connection, one statement a
// flush with binary arrays, `live` sagas in lockstep, so that each flush holds one journal row of each and,
// in the first and the last, its saga row. Reading does not count. Where both are one database, its sagas are
// read and deleted first.
Ran run_raw_postgres(const std::string& from, const std::string& to, std::size_t live,
                     const RawLimits& limits = {});

}  // namespace amends::measure
