// amends: undo_timeout() comes after undo()
#include "tests/compile_fail/world.hpp"

void define(Plan<Order>& plan) {
  plan.read("ask", reserve, plan.input()).undo_timeout(std::chrono::seconds(1));
}
