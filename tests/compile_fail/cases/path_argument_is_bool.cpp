// amends: path arguments are strings and integers
#include "tests/compile_fail/world.hpp"

Call<Nothing> release_one(const Order& order) {
  return amends::http::remove("inventory", amends::path("/holds/{}", order.order_id.empty()));
}
