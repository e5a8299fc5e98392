#include "adapters/store/postgres/error.hpp"

#include <pqxx/except>

namespace amends::postgres {
namespace {

bool has_class(const PostgresError& error, std::string_view sql_class) {
  return std::string_view(error.sqlstate).substr(0, 2) == sql_class;
}

bool is_data(const PostgresError& error) {
  return has_class(error, "22") || has_class(error, "23") || has_class(error, "54");
}

// The first line alone: DETAIL and CONTEXT repeat values, which may be secret.
std::string first_line(std::string_view text) {
  for (const std::string_view prefix : {"ERROR:  ", "FATAL:  "}) {
    if (text.starts_with(prefix)) text.remove_prefix(prefix.size());
  }
  return std::string(text.substr(0, text.find('\n')).substr(0, 500));
}

// What libpqxx says when the answer is that there will be none.
std::string plain(std::string text) {
  return text.starts_with("Could not obtain client encoding") ? "the connection was lost" : text;
}

// libpqxx 6 forgets the code of some errors that it has a type for.
std::string sqlstate_of(const pqxx::sql_error& error) {
  if (!error.sqlstate().empty()) return error.sqlstate();
  if (dynamic_cast<const pqxx::insufficient_privilege*>(&error) != nullptr) return "42501";
  if (dynamic_cast<const pqxx::disk_full*>(&error) != nullptr) return "53100";
  if (dynamic_cast<const pqxx::insufficient_resources*>(&error) != nullptr) return "53000";
  if (dynamic_cast<const pqxx::data_exception*>(&error) != nullptr) return "22000";
  if (dynamic_cast<const pqxx::integrity_constraint_violation*>(&error) != nullptr) return "23000";
  return {};
}

}  // namespace

bool is_refusal(const PostgresError& error) {
  return is_data(error) || has_class(error, "53");
}

bool is_broken(const PostgresError& error) {
  return error.sqlstate.empty() || has_class(error, "08") || error.sqlstate.starts_with("57P");
}

std::string error_class_of(const PostgresError& error) {
  if (is_data(error)) return "data";
  return error.sqlstate == "53100" ? "disk_full" : "io";
}

std::string sentence(std::string_view what, const PostgresError& error) {
  std::string out = std::string(what) + ": " + error.text;
  if (!error.sqlstate.empty()) out += " (SQLSTATE " + error.sqlstate + ")";
  return out;
}

PostgresError current_error() {
  try {
    throw;
  } catch (const PostgresError& error) {
    return error;
  } catch (const pqxx::sql_error& error) {
    return {sqlstate_of(error), first_line(error.what())};
  } catch (const std::exception& error) {
    return {{}, plain(first_line(error.what()))};
  }
}

}  // namespace amends::postgres
