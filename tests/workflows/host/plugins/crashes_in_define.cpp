// Dies of a signal where it should describe its plan.
#include <amends/workflow.hpp>
#include <csignal>

namespace {
struct Order {
  std::string id;
  AMENDS_DATA(Order, id)
};
void define(amends::Plan<Order>&) {
  std::raise(SIGSEGV);
}
}  // namespace

AMENDS_PLUGIN(registry) {
  registry.add("crashes", 1, define);
}
