// What undoing a saga now would do, by names.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "engine/definition/plan.hpp"
#include "engine/journal/saga.hpp"

namespace amends::engine {

struct RollbackLine {
  std::string step, undo;
  std::uint32_t wave = 0;              // equal waves may run side by side
  bool may_not_have_happened = false;  // the undo copes with that
};

struct Rollback {
  bool possible = false;
  std::string why_not;
  std::vector<RollbackLine> lines;  // in an order in which they may happen
};

Rollback rollback_of(const Saga& saga, const Plan& plan);

}  // namespace amends::engine
