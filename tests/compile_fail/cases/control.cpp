// compiles
#include "tests/compile_fail/world.hpp"

Call<Nothing> free_hold(const std::optional<Hold>& hold, const Order& order) {
  return amends::http::remove("inventory",
                              amends::path("/holds/{}/{}", hold ? hold->hold_id : "unknown", order.order_id));
}

Hold hold(const amends::Attempt&, const Order& order) {
  return {order.order_id};
}
void let_go(const std::optional<Hold>&, const Order&) {}

void define(Plan<Order>& plan) {
  auto order = plan.input();
  auto local = plan.local(
      "local", [](const Order& one) -> Hold { return {one.order_id}; }, order);
  plan.reversible("here", amends::local(hold), order)
      .undo("undo-here", amends::local(let_go), amends::own_result, order);
  plan.reversible("there", reserve, order).undo("undo-there", amends::local([](const Hold&) {}), local);
  auto [left, right] = plan.parallel(
      [&](Lane& lane) {
        return lane.reversible("a", reserve, order)
            .undo("undo-a", free_hold, amends::own_result, order)
            .undo_retry({.attempts_max = amends::forever})
            .undo_timeout(std::chrono::seconds(1));
      },
      [&](Lane& lane) {
        return lane.read(
            "b", [](const Order&) -> Call<Hold> { return amends::http::get("inventory", "/holds"); }, order);
      });
  plan.pivot("c", ship, order, left).timeout(std::chrono::seconds(2));
  plan.retriable("d", ship, order, right).retry({.attempts_max = amends::forever});
}

AMENDS_PLUGIN(registry) {
  registry.add("control", 1, define);
}
