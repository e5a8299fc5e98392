// a_path_has_as_many_braces_as_arguments
#include "tests/compile_fail/world.hpp"

Call<Nothing> release_one(const Order& order) {
  return amends::http::remove("inventory", amends::path("/holds", order.order_id));
}
