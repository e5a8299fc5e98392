// amends: a lane has no pivot, because a saga commits itself in one place
#include "tests/compile_fail/world.hpp"

void define(Plan<Order>& plan) {
  plan.parallel([&](Lane& lane) { return lane.pivot("a", reserve, plan.input()); },
                [&](Lane& lane) { return lane.read("b", reserve, plan.input()); });
}
