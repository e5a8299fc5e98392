// The two kinds of time. Wall time is journalled and compared with due times; elapsed time measures.
#pragma once
#include <chrono>
#include <cstdint>

namespace amends::engine {

using Micros = std::chrono::microseconds;
using Millis = std::chrono::milliseconds;

// Microseconds since 1970-01-01 UTC, by the store's clock.
using WallTime = std::chrono::sys_time<Micros>;

// Monotonic time since an arbitrary origin; never journalled.
using Elapsed = Micros;

inline std::int64_t to_micros(WallTime t) {
  return t.time_since_epoch().count();
}
inline WallTime from_micros(std::int64_t micros) {
  return WallTime(Micros(micros));
}

}  // namespace amends::engine
