// A fixed piece of work by which machines, and moods of one machine, are told apart: simulated sagas are
// counted against it, so that a slower simulation shows and a slower machine does not.
#pragma once
#include <cstdint>

namespace amends::simulation {

// Processor time of this process, in microseconds.
std::int64_t cpu_micros();

// Works for about a tenth of a second; says how many loops it did, and in what time.
struct Calibration {
  std::uint64_t loops = 0;
  std::int64_t micros = 0;
};
Calibration calibrate();

}  // namespace amends::simulation
