// Any plan that the authoring API can make: lines and lanes, a pivot or none, reads between.
#pragma once
#include "engine/definition/plan.hpp"
#include "tests/properties/tape.hpp"

namespace amends::properties {

// Fails the test when `findings` objects: what is drawn here is meant to be valid.
engine::PlanPtr draw_plan(Tape& tape);

// `reaches[a][b]`: b cannot start before a has finished. Found by walking, not by asking the engine.
std::vector<std::vector<bool>> happened_before(const engine::Plan& plan);

}  // namespace amends::properties
