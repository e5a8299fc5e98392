// amends: the step function cannot be called with these arguments
#include "tests/compile_fail/world.hpp"

Call<Nothing> greedy(Order& order) {
  return amends::http::post("inventory", "/holds", {{"order", order.order_id}});
}

void define(Plan<Order>& plan) {
  plan.pivot("ship", greedy, plan.input());
}
