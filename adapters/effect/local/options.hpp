// How many threads run local functions, and how many may be lost to them.
#pragma once
#include <cstddef>

#include "engine/base/time.hpp"

namespace amends::effect_local {

struct LocalOptions {
  std::size_t threads = 8;        // functions at work at one time
  std::size_t stuck_max = 64;     // beyond it attempts are refused, as transient
  engine::Millis look_every{10};  // how late a timeout may be noticed
};

}  // namespace amends::effect_local
