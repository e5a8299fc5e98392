#include "adapters/clock/system_entropy.hpp"

#include <sys/random.h>

#include "engine/base/check.hpp"

namespace amends::engine {

SystemEntropy::SystemEntropy() : state_(0) {
  std::uint64_t seed = 0;
  const ssize_t got = getrandom(&seed, sizeof seed, 0);
  // Two engines with the same seed would make the same ids.
  AMENDS_CHECK(got == static_cast<ssize_t>(sizeof seed), "the kernel gave no random seed");
  state_ = seed;
}

std::uint64_t SystemEntropy::draw() {
  std::uint64_t z = state_.fetch_add(0x9e3779b97f4a7c15, std::memory_order_relaxed) + 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

}  // namespace amends::engine
