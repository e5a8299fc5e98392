// a_path_has_as_many_braces_as_arguments
#include "tests/compile_fail/world.hpp"

Call<Nothing> release_one(const Order&) {
  return amends::http::remove("inventory", "/holds/{}");
}
