// The ceiling: the rows that an engine wrote, written again by SQLite alone.
#pragma once
#include <filesystem>

#include "measure/lockstep.hpp"

namespace amends::measure {

// Reads the sagas of the store at `from` (completed, no keys) and writes the same rows into a new store at
// `to`: same tables and indexes, same pragmas, same fence, one connection, `live` sagas in lockstep, so that
// each flush holds one journal row of each and, in the first and the last, its saga row. Reading does not
// count.
Ran run_raw_sqlite(const std::filesystem::path& from, const std::filesystem::path& to, std::size_t live,
                   const RawLimits& limits = {});

}  // namespace amends::measure
