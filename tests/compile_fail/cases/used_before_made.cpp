// amends: a Ref is used before it was made
#include "tests/compile_fail/world.hpp"

void define(Plan<Order>& plan) {
  amends::Ref<Hold> hold;
  plan.pivot("ship", ship, plan.input(), hold);
}
