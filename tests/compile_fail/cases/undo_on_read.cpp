// amends: only a reversible step has an undo
#include "tests/compile_fail/world.hpp"

void define(Plan<Order>& plan) {
  plan.read("ask", reserve, plan.input()).undo("release", release, plan.input());
}
