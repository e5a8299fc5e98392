// a_path_begins_with_a_slash_and_has_no_empty_or_dot_segment_query_or_blank
#include "tests/compile_fail/world.hpp"

Call<Nothing> release_one(const Order& order) {
  return amends::http::remove("inventory", amends::path("/holds?order={}", order.order_id));
}
