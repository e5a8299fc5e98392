#include "adapters/clock/system_clock.hpp"

#include <time.h>

namespace amends::engine {

WallTime SystemClock::wall() const {
  return std::chrono::time_point_cast<Micros>(std::chrono::system_clock::now());
}

Elapsed SystemClock::elapsed() const {
  timespec t{};
  clock_gettime(CLOCK_BOOTTIME, &t);
  return std::chrono::duration_cast<Elapsed>(std::chrono::seconds(t.tv_sec) +
                                             std::chrono::nanoseconds(t.tv_nsec));
}

}  // namespace amends::engine
