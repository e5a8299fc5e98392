// amends: parallel() runs two lanes or more
#include "tests/compile_fail/world.hpp"

void define(Plan<Order>& plan) {
  plan.parallel([&](Lane& lane) { return lane.read("a", reserve, plan.input()); });
}
