// One run: a world out of a seed, trouble, then health, and the verdict.
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "tests/simulation/base/setting.hpp"

namespace amends::simulation {

struct RunOptions {
  bool tracing = false;
  std::string evidence;  // a directory that is there; empty: none is written
  bool judges = true;    // else the run goes on after a broken promise, for the checker to find it
};

struct Result {
  std::string broken;  // empty when every promise was kept
  std::uint64_t hash = 0, events = 0;
  std::uint64_t sagas = 0;  // that were started
  engine::Micros simulated{};
  std::array<std::uint64_t, fault_count> faults{};
  Coverage coverage;
  std::map<std::string, std::uint64_t, std::less<>> rare_ways;
};

// The same options give the same result, on every machine.
Result simulate(const Options& options, const RunOptions& run = {});

}  // namespace amends::simulation
