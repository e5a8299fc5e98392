// amends: a local function returns nothing or a durable type
#include "tests/compile_fail/world.hpp"

void define(Plan<Order>& plan) {
  plan.local(
      "shout", [](const Order& order) { return order.order_id; }, plan.input());
}
