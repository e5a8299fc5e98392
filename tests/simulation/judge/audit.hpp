// The end of a run: what was promised of the whole.
#pragma once
#include "tests/simulation/judge/witness.hpp"
#include "tests/simulation/outside/books.hpp"
#include "tests/simulation/outside/network.hpp"
#include "tests/simulation/store/server.hpp"

namespace amends::simulation {

// Tells `setting` of the first promise that is broken.
void audit(Setting& setting, const Witness& witness, Server& server, const Network& network,
           const Books& books);

// What is not over yet, for people; empty when all is.
std::string what_is_left(const Witness& witness, Server& server, const Options& options);

}  // namespace amends::simulation
