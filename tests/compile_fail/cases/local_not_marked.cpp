// one that does the work itself is given as amends::local(function)
#include "tests/compile_fail/world.hpp"

void define(Plan<Order>& plan) {
  plan.retriable(
      "work", [](const Order& order) { return Hold{order.order_id}; }, plan.input());
}
