// Offers a version of fulfil-order that the shipping plugin offers too.
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

void define(Plan<Order>& plan) {
  plan.retriable("ask", ask, plan.input());
}

}  // namespace

AMENDS_PLUGIN(registry) {
  registry.add("fulfil-order", 1, define);
}
