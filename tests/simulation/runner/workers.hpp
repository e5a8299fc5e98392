// Runs seeds in processes of their own, so that a check which stops the process stops one seed.
#pragma once
#include <optional>
#include <string>

#include "tests/simulation/runner/tally.hpp"

namespace amends::simulation {

struct Assignment {
  std::uint64_t first = 1, last = 1;  // seeds
  double seconds = 0;                 // no seed is begun later; 0: no limit
  unsigned jobs = 1;
  bool twice = false;   // each seed is run twice, and must be the same both times
  std::string changes;  // "name=value ...", for every seed

  std::string evidence = {};        // a directory; empty: none is written
  std::uint64_t judge_every = 100;  // of every so manieth seed, for a checker to judge
};

// Where the evidence of a seed goes; the directory is made.
std::string evidence_of(const std::string& directory, std::uint64_t seed);

struct Failure {
  std::uint64_t seed = 0;
  std::string sentence;
};

struct Outcome {
  Tally tally;
  std::optional<Failure> failure;  // the first that was found: nobody begins a seed after it
};

Outcome run_seeds(const Assignment& assignment);

// One run in a process of its own; what became of it, empty when all was well.
std::string try_run(const Options& options, const RunOptions& run = {});

}  // namespace amends::simulation
