// Sums over runs, in a form that fits into memory shared by processes.
#pragma once
#include <array>
#include <cstdint>

#include "tests/simulation/simulation.hpp"

namespace amends::simulation {

struct Tally {
  std::uint64_t seeds = 0, sagas = 0, events = 0;
  std::uint64_t hash = 0;  // over the runs' hashes, in whatever order they came
  std::int64_t simulated_us = 0, cpu_us = 0;
  std::uint64_t loops = 0;  // of the calibration
  std::int64_t loops_us = 0;
  std::array<std::uint64_t, fault_count> faults{};
  std::array<std::uint64_t, seen_count> seen{};

  void add(const Result& run) {
    ++seeds;
    sagas += run.sagas;
    events += run.events;
    hash += run.hash * 0x9e3779b97f4a7c15;
    simulated_us += run.simulated.count();
    for (std::size_t i = 0; i < fault_count; ++i) faults[i] += run.faults[i];
    for (std::size_t i = 0; i < seen_count; ++i) seen[i] += run.coverage.counts()[i];
  }
  void add(const Tally& other) {
    seeds += other.seeds;
    sagas += other.sagas;
    events += other.events;
    hash += other.hash;
    simulated_us += other.simulated_us;
    cpu_us += other.cpu_us;
    loops += other.loops;
    loops_us += other.loops_us;
    for (std::size_t i = 0; i < fault_count; ++i) faults[i] += other.faults[i];
    for (std::size_t i = 0; i < seen_count; ++i) seen[i] += other.seen[i];
  }

  double sagas_per_second() const {
    return cpu_us > 0 ? static_cast<double>(sagas) * 1e6 / static_cast<double>(cpu_us) : 0;
  }
  double loops_per_second() const {
    return loops_us > 0 ? static_cast<double>(loops) * 1e6 / static_cast<double>(loops_us) : 0;
  }
};

}  // namespace amends::simulation
