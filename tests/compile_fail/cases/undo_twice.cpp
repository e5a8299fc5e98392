// amends: this step has an undo already
#include "tests/compile_fail/world.hpp"

void define(Plan<Order>& plan) {
  auto order = plan.input();
  plan.reversible("reserve", reserve, order).undo("release", release, order).undo("again", release, order);
}
