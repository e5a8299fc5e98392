// amends: this undo trusts its step's result
#include "tests/compile_fail/world.hpp"

Hold hold(const Order& order) {
  return {order.order_id};
}

void define(Plan<Order>& plan) {
  plan.reversible("hold", amends::local(hold), plan.input())
      .undo("free", amends::local([](const Hold&) {}), amends::own_result);
}
