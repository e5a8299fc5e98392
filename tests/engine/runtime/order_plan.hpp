// The plan that these tests run: reserve (undo: release), then charge (the pivot), then ship.
#pragma once
#include "engine/definition/plan.hpp"

namespace amends::engine {

inline PlanPtr order_plan(std::uint32_t version = 1, RetryPolicy retry = {}) {
  Step reserve;
  reserve.name = "reserve";
  reserve.kind = StepKind::reversible;
  reserve.result_type = "Reservation{id}";
  reserve.uses = {input_value};
  reserve.retry = retry;
  reserve.undo = UndoStep{};
  reserve.undo->name = "release";
  Step charge;
  charge.name = "charge";
  charge.kind = StepKind::pivot;
  charge.result_type = "Charge{id}";
  charge.after = {0};
  charge.uses = {input_value, 0};
  charge.retry = retry;
  Step ship;
  ship.name = "ship";
  ship.kind = StepKind::retriable;
  ship.result_is_nothing = true;
  ship.after = {1};
  ship.uses = {1};
  ship.retry = retry;
  return std::make_shared<const Plan>("order", version, "Order{id}",
                                      std::vector<Step>{reserve, charge, ship});
}

}  // namespace amends::engine
