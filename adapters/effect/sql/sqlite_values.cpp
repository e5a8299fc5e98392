#include "adapters/effect/sql/sqlite_values.hpp"

#include <strings.h>

#include <array>
#include <charconv>
#include <cmath>
#include <vector>

#include "adapters/effect/sql/failure.hpp"
#include "engine/base/text.hpp"

namespace amends::sql {
namespace {

using engine::Json;

Failure unmet(std::string error_class, std::string text) {
  return {Phase::work, Trouble::unmet, std::move(error_class), std::move(text)};
}

// $2 or ?2 is 2; nothing for another name.
std::size_t number_of(const char* name) {
  if (name == nullptr || (name[0] != '$' && name[0] != '?')) return 0;
  const std::string_view digits(name + 1);
  std::size_t out = 0;
  const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), out);
  return end.ec == std::errc() && end.ptr == digits.data() + digits.size() ? out : 0;
}

bool is_declared(const char* type, std::initializer_list<const char*> names) {
  if (type == nullptr) return false;
  for (const char* name : names)
    if (::strcasecmp(type, name) == 0) return true;
  return false;
}

std::string hex_of(const void* data, std::size_t size) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string out = "\\x";
  for (std::size_t i = 0; i < size; ++i) {
    const auto byte = static_cast<const unsigned char*>(data)[i];
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

}  // namespace

SqliteStatement::SqliteStatement(sqlite3* db, std::string_view sql) {
  sqlite3_stmt* made = nullptr;
  const char* tail = nullptr;
  code_ = sqlite3_prepare_v3(db, sql.data(), static_cast<int>(sql.size()), 0, &made, &tail);
  statement_.reset(made);
  if (code_ == SQLITE_OK && made == nullptr) code_ = SQLITE_MISUSE;
  if (tail == nullptr) return;
  const std::string_view rest = sql.substr(static_cast<std::size_t>(tail - sql.data()));
  has_more_ = rest.find_first_not_of(" \t\r\n;") != std::string_view::npos;
}

void SqliteStatement::bind(int at, std::string_view text) const {
  sqlite3_bind_text(get(), at, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
}

std::string SqliteStatement::bind_json(int at, const Json& value) const {
  int code = SQLITE_OK;
  switch (value.type()) {
    case Json::value_t::null: code = sqlite3_bind_null(get(), at); break;
    case Json::value_t::boolean: code = sqlite3_bind_int(get(), at, value.get<bool>() ? 1 : 0); break;
    case Json::value_t::number_integer:
      code = sqlite3_bind_int64(get(), at, value.get<std::int64_t>());
      break;
    case Json::value_t::number_unsigned:
      if (!std::in_range<std::int64_t>(value.get<std::uint64_t>())) return "a number is beyond 64 bits";
      code = sqlite3_bind_int64(get(), at, value.get<std::int64_t>());
      break;
    case Json::value_t::number_float: code = sqlite3_bind_double(get(), at, value.get<double>()); break;
    default: {
      const std::string text = value.is_string() ? value.get<std::string>() : engine::canonical(value);
      code = sqlite3_bind_text(get(), at, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
    }
  }
  return code == SQLITE_OK ? "" : "a parameter cannot be bound";
}

std::string SqliteStatement::bind_all(const Json& params) const {
  std::vector<bool> used(params.size());
  for (int at = 1; at <= sqlite3_bind_parameter_count(get()); ++at) {
    const char* name = sqlite3_bind_parameter_name(get(), at);
    const std::size_t number = number_of(name);
    // ?3 alone makes places for 1 and 2 that have no name and are not read.
    if (name == nullptr) continue;
    if (number == 0 || number > params.size())
      return "the statement has the parameter " + engine::escape_controls(engine::shorten(name, 64)) +
             " and is given " + std::to_string(params.size()) + "; parameters are $1, $2, ...";
    used[number - 1] = true;
    if (auto wrong = bind_json(at, params[number - 1]); !wrong.empty()) return wrong;
  }
  // PostgreSQL refuses this too; a parameter that is not used was meant for something.
  for (std::size_t i = 0; i < used.size(); ++i)
    if (!used[i]) return "the statement does not use its parameter $" + std::to_string(i + 1);
  return {};
}

std::string SqliteStatement::text(int column) const {
  const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(get(), column));
  return data == nullptr ? ""
                         : std::string(data, static_cast<std::size_t>(sqlite3_column_bytes(get(), column)));
}

std::size_t SqliteStatement::row_bytes() const {
  std::size_t out = 0;
  for (int column = 0; column < sqlite3_column_count(get()); ++column) {
    const int type = sqlite3_column_type(get(), column);
    out += 4 + (type == SQLITE_TEXT || type == SQLITE_BLOB
                    ? static_cast<std::size_t>(sqlite3_column_bytes(get(), column))
                    : 0);
  }
  return out;
}

Json SqliteStatement::value(int column) const {
  const char* declared = sqlite3_column_decltype(get(), column);
  switch (sqlite3_column_type(get(), column)) {
    case SQLITE_INTEGER: {
      const std::int64_t value = sqlite3_column_int64(get(), column);
      if (is_declared(declared, {"boolean", "bool"})) return value != 0;
      return value;
    }
    case SQLITE_FLOAT: {
      const double value = sqlite3_column_double(get(), column);
      if (!std::isfinite(value)) throw unmet("bad_value", "an infinite number");
      return value;
    }
    case SQLITE_TEXT: {
      std::string value = text(column);
      if (!engine::is_clean_utf8(value)) throw unmet("bad_value", "a text that is not UTF-8");
      if (!is_declared(declared, {"json"})) return value;
      auto parsed = engine::parse_json(value);
      if (!parsed.ok()) throw unmet("bad_value", "a JSON value: " + parsed.error);
      return std::move(parsed.value);
    }
    case SQLITE_BLOB:
      return hex_of(sqlite3_column_blob(get(), column),
                    static_cast<std::size_t>(sqlite3_column_bytes(get(), column)));
    default: return {};
  }
}

Json SqliteStatement::row() const {
  Json out = Json::object();
  for (int column = 0; column < sqlite3_column_count(get()); ++column) {
    const std::string name = sqlite3_column_name(get(), column);
    if (!engine::is_clean_utf8(name)) throw unmet("bad_value", "a column's name that is not UTF-8");
    if (out.contains(name))
      throw unmet("duplicate_column", "two columns are called '" + name + "'; name them with `as`");
    out[name] = value(column);
  }
  return out;
}

std::string sqlite_code_name(int code, std::string_view text) {
  static constexpr std::array<const char*, 27> names = {
      "SQLITE_OK",       "SQLITE_ERROR",   "SQLITE_INTERNAL", "SQLITE_PERM",     "SQLITE_ABORT",
      "SQLITE_BUSY",     "SQLITE_LOCKED",  "SQLITE_NOMEM",    "SQLITE_READONLY", "SQLITE_INTERRUPT",
      "SQLITE_IOERR",    "SQLITE_CORRUPT", "SQLITE_NOTFOUND", "SQLITE_FULL",     "SQLITE_CANTOPEN",
      "SQLITE_PROTOCOL", "SQLITE_EMPTY",   "SQLITE_SCHEMA",   "SQLITE_TOOBIG",   "SQLITE_CONSTRAINT",
      "SQLITE_MISMATCH", "SQLITE_MISUSE",  "SQLITE_NOLFS",    "SQLITE_AUTH",     "SQLITE_FORMAT",
      "SQLITE_RANGE",    "SQLITE_NOTADB"};
  const auto primary = static_cast<std::size_t>(code & 0xff);
  if (primary == SQLITE_ERROR) {
    for (const std::string_view begin : {"no such table", "no such column", "no such function"})
      if (text.starts_with(begin)) return "SQLITE_ERROR_MISSING";
    // An insert names the table of a missing column: "table stock has no column named color".
    if (text.find("has no column named") != std::string_view::npos) return "SQLITE_ERROR_MISSING";
  }
  return primary < names.size() ? names[primary] : "SQLITE_" + std::to_string(primary);
}

}  // namespace amends::sql
