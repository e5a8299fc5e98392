// amends: a step function returns amends::Call<R>
#include "tests/compile_fail/world.hpp"

std::string shout(const Order& order) {
  return order.order_id;
}

void define(Plan<Order>& plan) {
  plan.read("shout", shout, plan.input());
}
