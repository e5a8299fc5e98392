// Instants as people and other systems read them (RFC 3339), always UTC with microseconds.
#pragma once
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/time.hpp"

namespace amends::engine {

// "2026-11-24T19:04:13.000123Z". Of the years 0 to 9999; what lies outside is written as the nearest inside.
std::string rfc3339(WallTime at);

// Also with fewer or no fraction digits, and with a numeric offset; nothing for anything else.
std::optional<WallTime> parse_rfc3339(std::string_view text);

}  // namespace amends::engine
