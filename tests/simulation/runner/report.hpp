// What is printed for people, and what a set of runs lacks.
#pragma once
#include <string>
#include <vector>

#include "tests/simulation/runner/tally.hpp"

namespace amends::simulation {

// One run: its options, its hash, what happened.
void print_run(const Options& options, const Result& result);
// Many: sums, and how fast.
void print_tally(const Tally& tally);
// What these runs have not seen, and faults that never struck, by name.
std::vector<std::string> unseen(const Tally& tally);

}  // namespace amends::simulation
