// What a row of ours keeps to.
#pragma once
#include "engine/base/time.hpp"

namespace amends::engine {

// Of the years that have four digits, so that whoever adds a wait to a time stays within the type.
inline constexpr std::int64_t time_micros_max = 253'402'300'799'999'999;
// A century.
inline constexpr Millis remembers_max = std::chrono::hours(24) * 36'525;

}  // namespace amends::engine
