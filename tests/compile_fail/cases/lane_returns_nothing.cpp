// amends: a lane returns the step whose result it hands on
#include "tests/compile_fail/world.hpp"

void define(Plan<Order>& plan) {
  plan.parallel([&](Lane& lane) { return lane.read("a", reserve, plan.input()); },
                [&](Lane& lane) { lane.read("b", reserve, plan.input()); });
}
