// What PostgreSQL, libpq or the network had to say, as one exception that never leaves this adapter.
#pragma once
#include <string>
#include <string_view>

namespace amends::postgres {

struct PostgresError {
  // Five characters when the server refused a statement and rolled it back; empty when the connection broke
  // or anything else leaves it open what became of the statement.
  std::string sqlstate;
  std::string text;  // one line, for people; carries no values of ours
};

// Surely rolled back, and the connection can be used on: the data (classes 22, 23, 54) or a lack of resources
// (53). Everything else, also a statement that was cancelled or a server that is going down, is left in
// doubt: dropping the connection and taking over settles it, and costs little when it was needless.
bool is_refusal(const PostgresError& error);

// The connection is gone, or the server said that it ends it (classes 57P and 08).
bool is_broken(const PostgresError& error);

// "data", "disk_full" or "io": the class that the port's callers act on.
std::string error_class_of(const PostgresError& error);
// One sentence for people: what was tried, what PostgreSQL said.
std::string sentence(std::string_view what, const PostgresError& error);

// Inside a catch block: the exception in flight as a PostgresError.
PostgresError current_error();

}  // namespace amends::postgres
