// amends: SQL is a literal; what varies is a parameter
#include "tests/compile_fail/world.hpp"

Call<Nothing> release_all(const Order& order) {
  return amends::sql::exec("stock", "delete from hold where id = '" + order.order_id + "'");
}
