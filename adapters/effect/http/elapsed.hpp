// The event loops' own monotonic clock: they wait on real sockets, so a simulated one has no say here.
#pragma once
#include <chrono>

#include "engine/base/time.hpp"

namespace amends::http {

inline engine::Elapsed elapsed_now() {
  return std::chrono::duration_cast<engine::Elapsed>(std::chrono::steady_clock::now().time_since_epoch());
}

}  // namespace amends::http
