// amends: a lane is a function that takes amends::Lane&
#include "tests/compile_fail/world.hpp"

void define(Plan<Order>& plan) {
  plan.parallel([&](Lane& lane) { return lane.read("a", reserve, plan.input()); },
                [&] { return plan.read("b", reserve, plan.input()); });
}
