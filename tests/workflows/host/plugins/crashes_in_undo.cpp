// Dies of a signal in the rehearsal of an undo.
#include <amends/workflow.hpp>
#include <csignal>

namespace {
struct Order {
  std::string id;
  AMENDS_DATA(Order, id)
};
amends::Call<amends::Nothing> ask(const Order&) {
  return amends::http::get("somewhere", "/");
}
amends::Call<amends::Nothing> take_back(const Order&) {
  std::raise(SIGSEGV);
  return amends::http::get("somewhere", "/");
}
void define(amends::Plan<Order>& plan) {
  auto order = plan.input();
  plan.reversible("fine", ask, order).undo("take-back-fine", ask, order);
  plan.reversible("other", ask, order).undo("take-back", take_back, order);
}
}  // namespace

AMENDS_PLUGIN(registry) {
  registry.add("crashes", 1, define);
}
