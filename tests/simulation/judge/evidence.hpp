// What a run leaves behind for a checker that shares nothing with the engine: JSON lines, as
// tests/checker/README.md describes them.
#pragma once
#include <string>

namespace amends::simulation {

class World;

// Into a directory that is there.
void write_evidence(World& world, const std::string& directory);

}  // namespace amends::simulation
