// amends: a path is made by amends::path(
#include "tests/compile_fail/world.hpp"

Call<Nothing> release_all(const Order& order) {
  return amends::http::remove("inventory", "/holds/" + order.order_id);
}
