// A journal's entries as sentences for people; docs/journal.md names the entries.
#pragma once
#include <string>

#include "apps/amends/context.hpp"

namespace amends::cli {

// "charge-card", "undo of reserve-stock"; empty for an entry about the saga as a whole.
std::string entry_step(const Json& entry);

// "attempt 2: unknown, it may have happened: no answer within 5 s (timeout); again at 12:00:05.180". `entry`
// is one of engine::journal_view's. One line; whatever comes from data is escaped.
std::string entry_sentence(const Json& entry);

}  // namespace amends::cli
