// amends: this field's type cannot be journalled
#include "tests/compile_fail/world.hpp"

struct Lists {
  int* pointer = nullptr;
  AMENDS_DATA(Lists, pointer)
};

void define(Plan<Lists>& plan) {
  plan.input();
}

AMENDS_PLUGIN(registry) {
  registry.add("case", 1, define);
}
