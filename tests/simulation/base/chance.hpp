// Everything that a run leaves open is drawn here, out of its seed. Integers only, so that a seed means the
// same run on every machine. One thread.
#pragma once
#include <cstdint>
#include <string_view>

#include "engine/base/time.hpp"

namespace amends::simulation {

class Chance {
 public:
  explicit Chance(std::uint64_t seed) : state_(seed) {}

  // A stream of its own. Each part of the world draws from one, so that a part which draws more, or not at
  // all, leaves the others what they were: a failing run can then be made smaller without becoming another
  // run.
  Chance fork(std::string_view name) const {
    std::uint64_t hash = state_ ^ 0xcbf29ce484222325;
    for (const char letter : name) hash = (hash ^ static_cast<unsigned char>(letter)) * 0x100000001b3;
    return Chance(mix(hash));
  }
  Chance fork(std::uint64_t number) const { return Chance(mix(state_ ^ mix(number + 1))); }

  std::uint64_t draw() { return mix(state_ += 0x9e3779b97f4a7c15); }
  // 0 to n-1; n is not 0.
  std::uint64_t below(std::uint64_t n) { return draw() % n; }
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low) + 1));
  }
  bool one_in(std::uint64_t n) { return below(n) == 0; }
  // Parts in a million.
  bool happens(std::int64_t ppm) { return static_cast<std::int64_t>(below(1'000'000)) < ppm; }

  // Around `typical`, and now and then many times that.
  engine::Micros delay(engine::Micros typical) {
    const std::int64_t tail = one_in(40) ? 20 : 1;
    return engine::Micros(between(typical.count() / 4, typical.count() * 2 * tail));
  }

 private:
  // SplitMix64 (Steele, Lea, Flood 2014).
  static std::uint64_t mix(std::uint64_t z) {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }

  std::uint64_t state_;
};

}  // namespace amends::simulation
