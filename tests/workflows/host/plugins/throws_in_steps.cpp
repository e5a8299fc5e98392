// Step functions and undos that throw: found when they are called, not at load.
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

Call<Nothing> throws_std(const Order& order) {
  throw std::runtime_error("no route for " + order.id);
}
Call<Nothing> throws_int(const Order&) {
  throw 7;
}
Call<Nothing> undo_std(const Order&, const std::optional<Nothing>& own) {
  throw std::runtime_error(own ? "own result known" : "own result unknown");
}
Call<Nothing> broken_utf8(const Order&) {
  return amends::http::post("somewhere", "/", "\xff");
}
Call<Nothing> nul(const Order&) {
  return amends::http::post("somewhere", "/", std::string("a\0b", 3));
}
Call<Nothing> large(const Order&) {
  return amends::http::post("somewhere", "/", std::string(2 << 20, 'x'));
}
Call<Nothing> url(const Order& order) {
  if (order.id == "rehearsal") return amends::http::get("somewhere", "/");
  return amends::http::get("http://" + order.id, "/");
}
Call<Nothing> climbs(const Order& order) {
  return amends::http::get("somewhere", amends::path("/a/{}", order.id));
}

void define(Plan<Order>& plan) {
  auto order = plan.input();
  plan.reversible("throws-std", throws_std, order).undo("undo-std", undo_std, order, amends::own_result);
  plan.reversible("throws-int", throws_int, order).undo("undo-int", throws_int, order);
  plan.read("broken-utf8", broken_utf8, order);
  plan.read("nul", nul, order);
  plan.read("large", large, order);
  plan.read("url", url, order);
  plan.read("climbs", climbs, order);
  plan.retriable("ask", ask, order);
}

}  // namespace

AMENDS_PLUGIN(registry) {
  registry.add("throws-in-steps", 1, define);
}
