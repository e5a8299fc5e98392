// amends: the step function cannot be called with these arguments
#include "tests/compile_fail/world.hpp"

void define(Plan<Order>& plan) {
  plan.local(
      "work", [](const Order&, const amends::Attempt&) {}, plan.input());
}
