// Local functions that end in every way there is; what they are given says how.
#include <amends/workflow.hpp>
#include <stdexcept>

using amends::Nothing;
using amends::Plan;

namespace {

struct Order {
  std::string how;
  std::int32_t cents = 0;
  AMENDS_DATA(Order, how, cents)
};
struct Price {
  std::int64_t cents = 0;
  std::string words;
  AMENDS_DATA(Price, cents, words)
};
struct Tree {
  amends::Json any;
  AMENDS_DATA(Tree, any)
};

Price price(const Order& order) {
  if (order.how == "std") throw std::runtime_error("no price for it");
  if (order.how == "int") throw 7;
  if (order.how == "refused") throw amends::Refused("not sold any more");
  if (order.how == "transient") throw amends::Transient("the list is locked");
  if (order.how == "wait") throw amends::Transient("later", std::chrono::milliseconds(1'500));
  if (order.how == "unknown") throw amends::Unknown("the list was torn away");
  if (order.how == "memory") throw std::bad_alloc();
  if (order.how == "nul") return {1, std::string("a\0b", 3)};
  if (order.how == "utf8") return {1, "\xff"};
  if (order.how == "large") return {1, std::string(2 << 20, 'x')};
  return {order.cents * 2, order.how};
}
Tree deep(const Order& order) {
  Tree out;
  for (int i = 0; i < order.cents; ++i) out.any = amends::Json::array({std::move(out.any)});
  return out;
}
Price add(const amends::Attempt& attempt, const Order& order, const Price& price) {
  return {order.cents + price.cents, std::string(attempt.key) + " " + std::to_string(attempt.number) + " " +
                                         std::to_string(attempt.timeout.count())};
}
void take_back(const std::optional<Price>& own, const Order& order) {
  throw std::runtime_error(order.how + ", " + (own ? std::to_string(own->cents) : std::string("unknown")));
}

// Called when the plugin is loaded, it would end the process.
void never_at_load() {
  std::abort();
}

void define(Plan<Order>& plan) {
  auto order = plan.input();
  auto first = plan.local("price", price, order);
  plan.local("deep", deep, order);
  plan.reversible("add", amends::local(add), order, first)
      .undo("take-back", amends::local(take_back), amends::own_result, order);
  plan.pivot("commit", amends::local([](const Order&) {}), order);
  plan.retriable("stop", amends::local(never_at_load));
}

}  // namespace

AMENDS_PLUGIN(registry) {
  registry.add("local-steps", 1, define);
}
