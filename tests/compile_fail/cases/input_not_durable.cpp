// amends: the plan's input must be durable: list its fields with AMENDS_DATA
#include "tests/compile_fail/world.hpp"

struct Plain {
  int value = 0;
};

void define(Plan<Plain>& plan) {
  plan.input();
}
