// amends: define is a function void(amends::Plan<Input>&)
#include "tests/compile_fail/world.hpp"

AMENDS_PLUGIN(registry) {
  registry.add("case", 1, [](int) {});
}
