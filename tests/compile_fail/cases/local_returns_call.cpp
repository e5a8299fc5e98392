// amends: this function returns amends::Call, a request; give it without amends::local()
#include "tests/compile_fail/world.hpp"

void define(Plan<Order>& plan) {
  plan.reversible("reserve", amends::local(reserve), plan.input()).undo("release", release, plan.input());
}
