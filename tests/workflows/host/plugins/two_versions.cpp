// Sound: two versions of one workflow, whose types have the same name and other fields.
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

namespace later {
struct Order {
  std::string id;
  int count = 0;
  AMENDS_DATA(Order, id, count)
};
Call<Nothing> ask(const Order&) {
  return amends::http::get("elsewhere", "/");
}
void define(Plan<Order>& plan) {
  plan.retriable("ask", ask, plan.input());
}
}  // namespace later

}  // namespace

AMENDS_PLUGIN(registry) {
  registry.add("two-versions", 10, later::define);
  registry.add("two-versions", 9, define);
}
