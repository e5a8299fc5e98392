// Time and chance as ports, so that a simulation can own both.
#pragma once
#include <cstdint>

#include "engine/base/time.hpp"

namespace amends::engine {

// Any thread.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual WallTime wall() const = 0;    // journalled; may jump
  virtual Elapsed elapsed() const = 0;  // measures; counts suspended time too (CLOCK_BOOTTIME)
};

// Any thread. Not for secrets.
class Entropy {
 public:
  virtual ~Entropy() = default;
  virtual std::uint64_t draw() = 0;
};

}  // namespace amends::engine
