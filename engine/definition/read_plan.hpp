// A plan read back from what Plan::graph_json() made of it, for those who have only the store.
#pragma once
#include "engine/base/json.hpp"
#include "engine/definition/plan.hpp"

namespace amends::engine {

// Its steps with everything that the shape covers, and delays, counts and timeouts as they were when it was
// first loaded: enough to decide on, not to run. nullptr when `graph` is no such text, or of a release with
// kinds of steps that this one does not know.
PlanPtr read_plan(const Json& graph);

}  // namespace amends::engine
