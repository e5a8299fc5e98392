// amends: the step function cannot be called with these arguments
#include "tests/compile_fail/world.hpp"

void define(Plan<Order>& plan) {
  auto hold = plan.reversible("reserve", reserve, plan.input()).undo("release", release, plan.input());
  plan.pivot("ship", ship, hold, plan.input());
}
