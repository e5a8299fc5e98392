// amends: undo_retry() comes after undo()
#include "tests/compile_fail/world.hpp"

void define(Plan<Order>& plan) {
  plan.reversible("reserve", reserve, plan.input()).undo_retry({.attempts_max = 3});
}
