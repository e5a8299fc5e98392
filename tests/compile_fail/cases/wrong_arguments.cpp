// amends: the step function cannot be called with these arguments
#include "tests/compile_fail/world.hpp"

void define(Plan<Order>& plan) {
  plan.pivot("ship", ship, plan.input());
}
