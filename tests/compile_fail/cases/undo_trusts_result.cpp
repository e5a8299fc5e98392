// amends: this undo trusts its step's result, which is unknown after a timeout
#include "tests/compile_fail/world.hpp"

Call<Nothing> free_hold(const Hold& hold) {
  return amends::http::remove("inventory", amends::path("/holds/{}", hold.hold_id));
}

void define(Plan<Order>& plan) {
  plan.reversible("reserve", reserve, plan.input()).undo("release", free_hold, amends::own_result);
}
