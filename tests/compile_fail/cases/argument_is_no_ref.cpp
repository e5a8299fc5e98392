// amends: a step's arguments are plan.input(), earlier steps and, in an undo, amends::own_result
#include "tests/compile_fail/world.hpp"

Call<Nothing> many(const Order&, int count) {
  return amends::http::post("inventory", "/holds", {{"count", count}});
}

void define(Plan<Order>& plan) {
  plan.pivot("many", many, plan.input(), 3);
}
