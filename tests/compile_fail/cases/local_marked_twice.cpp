// amends: local() takes the function itself; amends::local() is for the other verbs
#include "tests/compile_fail/world.hpp"

void define(Plan<Order>& plan) {
  plan.local("work", amends::local([](const Order&) {}), plan.input());
}
