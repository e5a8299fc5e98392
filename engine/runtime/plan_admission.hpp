// Which of the loaded plans an engine may run: found out before it takes a start.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "engine/ports/catalog.hpp"
#include "engine/ports/store.hpp"
#include "engine/runtime/prepare_call.hpp"

namespace amends::engine {

struct AdmittedPlans {
  std::vector<PlanPtr> plans;
  // By id, one sentence each: its shape differs from the one that the store knows under the same version, or
  // it names an endpoint which no adapter knows.
  std::map<std::string, std::string> refused;
};

// Makes the admitted ones known to the store. Throws StoreUnavailable.
AdmittedPlans admit_plans(const PlanCatalog& catalog, const FindFacts& find, Store& store);

}  // namespace amends::engine
