// Two define functions throw; the third workflow is sound, and is not used either.
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

void throws_std(Plan<Order>&) {
  throw std::out_of_range("beyond the map");
}
void throws_int(Plan<Order>&) {
  throw 7;
}
void define(Plan<Order>& plan) {
  plan.retriable("ask", ask, plan.input());
}

}  // namespace

AMENDS_PLUGIN(registry) {
  registry.add("throws-std", 1, throws_std);
  registry.add("throws-int", 1, throws_int);
  registry.add("sound-neighbour", 1, define);
}
