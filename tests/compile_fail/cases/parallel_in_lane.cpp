// amends: lanes do not nest
#include "tests/compile_fail/world.hpp"

void define(Plan<Order>& plan) {
  plan.parallel(
      [&](Lane& lane) {
        lane.parallel([](Lane&) {}, [](Lane&) {});
        return lane.read("a", reserve, plan.input());
      },
      [&](Lane& lane) { return lane.read("b", reserve, plan.input()); });
}
