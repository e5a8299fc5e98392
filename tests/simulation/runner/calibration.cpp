#include "tests/simulation/runner/calibration.hpp"

#include <ctime>
#include <map>
#include <string>

#include "engine/base/sha256.hpp"

namespace amends::simulation {

std::int64_t cpu_micros() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return now.tv_sec * 1'000'000 + now.tv_nsec / 1'000;
}

// What an engine does most: small texts, trees of them, and now and then a hash.
Calibration calibrate() {
  Calibration out;
  const std::int64_t began = cpu_micros();
  std::map<std::string, std::string> tree;
  std::uint64_t sum = 0;
  do {
    for (int i = 0; i < 200; ++i) {
      std::string key =
          std::to_string((out.loops * 200 + static_cast<std::uint64_t>(i)) * 2654435761 % 1'000'003);
      tree[key] = key + key;
      if (tree.size() > 500) tree.erase(tree.begin());
      sum += key.size();
    }
    sum += engine::sha256(tree.begin()->second)[0];
    ++out.loops;
    out.micros = cpu_micros() - began;
  } while (out.micros < 100'000);
  return sum == 0 ? Calibration{} : out;  // so that it is not optimised away
}

}  // namespace amends::simulation
