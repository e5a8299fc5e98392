// amends: a step function returns amends::Call<R>
#include "tests/compile_fail/world.hpp"

amends::Request ask(const Order&) {
  return amends::http::get("inventory", "/holds");
}

void define(Plan<Order>& plan) {
  plan.read("ask", ask, plan.input());
}
