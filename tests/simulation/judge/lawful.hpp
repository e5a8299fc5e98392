// Which entry may follow in which saga: the rules of docs/lifecycle.md, written once more by somebody who
// does not look at how the engine follows them.
#pragma once
#include <string>
#include <vector>

#include "engine/definition/plan.hpp"
#include "engine/journal/entry.hpp"
#include "engine/journal/saga.hpp"
#include "engine/lifecycle/decide.hpp"

namespace amends::simulation {

struct LegLess {
  bool operator()(const engine::LegRef& a, const engine::LegRef& b) const {
    return a.step != b.step ? a.step < b.step : a.direction < b.direction;
  }
};

// What is asked again and again of a plan.
struct PlanFacts {
  explicit PlanFacts(engine::PlanPtr one);

  engine::PlanPtr plan;
  // `reaches[a][b]`: b cannot start before a has finished.
  std::vector<std::vector<bool>> reaches;
};

// Why `entry` must not stand there; empty when it may. `saga` is the fold of everything before it.
std::string find_unlawful(const engine::Saga& saga, const PlanFacts& facts, const engine::Entry& entry);

}  // namespace amends::simulation
