// Chance for ids and back-off.
#pragma once
#include <atomic>
#include <cstdint>

#include "engine/ports/clock.hpp"

namespace amends::engine {

// SplitMix64 (Steele, Lea, Flood 2014) from a seed that the kernel gave (getrandom); one atomic step a draw.
// Any thread. Not for secrets.
class SystemEntropy final : public Entropy {
 public:
  SystemEntropy();
  std::uint64_t draw() override;

 private:
  std::atomic<std::uint64_t> state_;
};

}  // namespace amends::engine
