// What one run is like: drawn out of its seed, printed in full, and changed by name ("sagas=5 crash=0").
//
// Every rate is 0 in many seeds (swarm testing, Groce and others 2012): what always happens together hides
// what happens alone.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/simulation/base/faults.hpp"

namespace amends::simulation {

struct Options {
  std::uint64_t seed = 0;
  // ---- shape ----
  std::int64_t sagas = 0;      // that clients start
  std::int64_t engines = 1;    // one of them owns everything when there is one shard
  std::int64_t shards = 1;     // 1: a store that is not shared
  std::int64_t workflows = 1;  // each with a plan of its own
  std::int64_t participants = 1;
  std::int64_t trouble_ms = 0;  // how long things go wrong; clients start within it
  std::int64_t network_us = 0;  // one way, typically
  std::int64_t commit_us = 0;   // a durable write, typically
  std::int64_t lease_ms = 0;
  std::int64_t cold_ms = 0;       // who waits longer leaves memory
  std::int64_t leave_ms = 0;      // how long attempts in flight keep a shard that is given away
  std::int64_t flush_sagas = 0;   // at most in one flush
  std::int64_t real_barrier = 0;  // 1: over SQLite in memory; 0: its rules over a map
  std::int64_t retire_ms = 0;     // finished sagas leave so long after their end; 0: never
  // ---- people, in percent of the sagas ----
  std::int64_t keyed = 0, again = 0, batched = 0, posted = 0, cancelled = 0, nagged = 0, looked_at = 0;
  // ---- what goes wrong ----
  std::int64_t buggify =
      0;  // share of the engine's rare ways (engine/base/buggify.hpp) that are taken, in ppm
  FaultRates rates{};
};

// The options that this seed means.
Options draw_options(std::uint64_t seed);

// One option by its name; `calm` is its least troublesome value, which shrinking tries.
struct Knob {
  std::string name;
  std::int64_t* value;
  std::int64_t calm;
};
std::vector<Knob> knobs_of(Options& options);

// "name=value name=value ..."; an error is one sentence.
std::string change(Options& options, std::string_view text);
// Everything that is not 0, so that change() of it gives the same run.
std::string text_of(const Options& options);

}  // namespace amends::simulation
