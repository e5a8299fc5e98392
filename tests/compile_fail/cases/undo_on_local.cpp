// amends: only a reversible step has an undo
#include "tests/compile_fail/world.hpp"

void define(Plan<Order>& plan) {
  plan.local(
          "work", [](const Order&) {}, plan.input())
      .undo("release", release, plan.input());
}
