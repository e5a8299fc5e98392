// Everything that only the load can find, in two plans.
#include <amends/workflow.hpp>
#include <stdexcept>

using amends::Call;
using amends::Nothing;
using amends::Plan;

namespace {

struct Order {
  std::string id;
  AMENDS_DATA(Order, id)
};

Call<Nothing> ask(const Order&) {
  return amends::http::get("somewhere", "/");
}

Call<Order> read_order(const Order&) {
  return amends::http::get("somewhere", "/");
}
Call<Nothing> to_url(const Order&) {
  return amends::http::get("http://somewhere:80", "/");
}

amends::Ref<Order> stolen = [] {
  static amends::Graph other;
  return Plan<Order>(other).input();
}();

void define(Plan<Order>& plan) {
  auto order = plan.input();
  plan.reversible("no-undo", ask, order);
  plan.read("twice", ask, order);
  plan.read("twice", ask, order);
  plan.read("foreign", ask, stolen);
  amends::Ref<Order> left = order;
  plan.parallel(
      [&](amends::Lane& lane) {
        auto made = lane.read("left", read_order, order);
        left = made;
        return made;
      },
      [&](amends::Lane& lane) { return lane.read("right", ask, left); });
  plan.parallel([&](amends::Lane&) { return order; },
                [&](amends::Lane& lane) {
                  plan.read("astray", ask, order);
                  return lane.read("in-lane", ask, order);
                });
  plan.pivot("first", ask, order);
  plan.pivot("second", ask, order);
}
void asks_url(Plan<Order>& plan) {
  plan.retriable("to-url", to_url, plan.input());
}

}  // namespace

AMENDS_PLUGIN(registry) {
  registry.add("with-findings", 1, define);
  registry.add("asks-url", 1, asks_url);
  registry.add("Bad Name", 0, asks_url);
}
