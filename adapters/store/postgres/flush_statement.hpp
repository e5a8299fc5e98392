// The statement of a flush, without the parts for which it has no rows: each is a scan, an insert or update
// and a dozen parameters, which the database sets up for every flush, also for nothing.
#pragma once
#include <string>

namespace amends::postgres {

// The kinds of rows that not every flush has.
struct FlushParts {
  bool keys = false, starts = false, tags = false, updates = false, answers = false;
};
inline constexpr FlushParts all_flush_parts{true, true, true, true, true};

// Distinct for distinct parts, and begins with "flush".
std::string flush_name(FlushParts parts);
// What is left of flush.sql, its parameters numbered from $1 without gaps.
std::string flush_statement(FlushParts parts);

}  // namespace amends::postgres
