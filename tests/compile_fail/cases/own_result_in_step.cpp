// amends: own_result stands only in an undo
#include "tests/compile_fail/world.hpp"

void define(Plan<Order>& plan) {
  plan.pivot("ship", ship, plan.input(), amends::own_result);
}
