// Throws an int where it should enrol.
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

}  // namespace

AMENDS_PLUGIN(registry) {
  (void)registry, (void)ask;
  throw 7;
}
