// a_statement_begins_with_select_insert_update_delete_with_merge_values_replace_or_call
#include "tests/compile_fail/world.hpp"

Call<Nothing> release_all(const Order&) {
  return amends::sql::exec("stock", "drop table hold");
}
