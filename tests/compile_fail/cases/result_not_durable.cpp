// amends: a step's result must be durable: list its fields with AMENDS_DATA
#include "tests/compile_fail/world.hpp"

struct Plain {
  int value = 0;
};
Call<Plain> ask(const Order&) {
  return amends::http::get("inventory", "/holds");
}

void define(Plan<Order>& plan) {
  plan.read("ask", ask, plan.input());
}
