// A participant's libpq URL, taken apart. (The store has its own reading of its own URL: it may hold a
// password.)
#pragma once
#include <string>
#include <utility>
#include <vector>

namespace amends::sql {

struct PostgresAddress {
  std::vector<std::pair<std::string, std::string>>
      options;        // libpq's keywords and values, with bounds on dead networks
  std::string error;  // what is wrong with it; the rest is empty then
};

// Refuses a password in the URL.
PostgresAddress read_postgres_address(const std::string& url);

}  // namespace amends::sql
