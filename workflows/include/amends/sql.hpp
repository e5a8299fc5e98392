// SQL requests: statements in a participant's PostgreSQL or SQLite, in one transaction with the barrier's
// row, so that a step takes effect exactly once. Where the database is stands in amendsd's configuration
// (kind = "sql").
//
//     Call<Hold> hold(const Order& order) {
//       return amends::sql::one("stock",
//                               "update stock set held = held + $2 where sku = $1 and free >= $2 returning
//                               sku, held", {order.sku, order.quantity});
//     }
//
// SQL is a literal, values are parameters: $1, $2, ... in both databases. docs/sql_steps.md tells the rest.
#pragma once
#include <amends/request.hpp>
#include <array>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace amends::sql {

namespace misuse {
// Their names are the compiler's message.
void a_statement_begins_with_select_insert_update_delete_with_merge_values_replace_or_call();
}  // namespace misuse

namespace detail {
consteval bool is_row_statement(std::string_view sql) {
  while (!sql.empty() && (sql.front() == ' ' || sql.front() == '\n' || sql.front() == '\t'))
    sql.remove_prefix(1);
  for (const std::string_view word :
       {"select", "insert", "update", "delete", "with", "merge", "values", "replace", "call"}) {
    bool same = sql.size() > word.size();
    for (std::size_t i = 0; same && i < word.size(); ++i) {
      const char c = sql[i] >= 'A' && sql[i] <= 'Z' ? static_cast<char>(sql[i] - 'A' + 'a') : sql[i];
      same = c == word[i];
    }
    if (same) return true;
  }
  return false;
}
template <class T>
inline constexpr bool never_sql = false;
}  // namespace detail

// The text of a statement: a literal, or the name of one that the endpoint's configuration holds.
class Text {
 public:
  template <std::size_t N>
  consteval Text(const char (&literal)[N]) : text_(literal, N - 1) {  // NOLINT: a literal is the statement
    if (!detail::is_row_statement(text_))
      misuse::a_statement_begins_with_select_insert_update_delete_with_merge_values_replace_or_call();
  }
  template <class Other>
  requires std::convertible_to<const Other&, std::string> Text(const Other&) {  // NOLINT: only to say why not
    static_assert(
        detail::never_sql<Other>,
        "amends: SQL is a literal; what varies is a parameter, $1, $2, ... A concatenated string is "
        "refused");
  }

 private:
  template <std::size_t N>
  friend consteval Text named(const char (&name)[N]);
  friend class Statement;
  consteval Text(std::string_view text, bool is_name) : text_(text), is_name_(is_name) {}

  std::string_view text_;
  bool is_name_ = false;
};

// named("hold"): the statement that stands under [endpoints.NAME.statements] as `hold`.
template <std::size_t N>
consteval Text named(const char (&name)[N]) {
  return Text(std::string_view(name, N - 1), true);
}

// Within a transaction: a column of an earlier statement's first row, as a parameter.
struct From {
  std::string statement, column;
};
inline From from(std::string statement, std::string column) {
  return {std::move(statement), std::move(column)};
}

// A parameter: whatever JSON can hold. An empty optional is null; an object or a list is its JSON text.
class Param {
 public:
  Param(From place) : from_(std::move(place)) {}  // NOLINT: a place is the parameter
  template <class T>
  Param(const std::optional<T>& value) {  // NOLINT: a value is the parameter
    if (value) value_ = *value;
  }
  template <class T>
  requires std::convertible_to<const T&, Json> Param(const T& value)
      : value_(value) {}  // NOLINT: a value too

 private:
  friend class Statement;
  Json value_;
  std::optional<From> from_;
};
using Params = std::vector<Param>;

// How many rows a statement must touch (or return, if it only reads); others are rejected, and rolled back.
struct Expect {
  std::optional<std::uint64_t> min, max;
};
inline Expect exactly(std::uint64_t rows) {
  return {rows, rows};
}
inline Expect at_least(std::uint64_t rows) {
  return {rows, std::nullopt};
}
inline Expect at_most(std::uint64_t rows) {
  return {std::nullopt, rows};
}

// One of a transaction's statements, which run in their order. Its result is {"count": n} unless one() or
// rows() says otherwise.
class Statement {
 public:
  Statement(Text text, const Params& params) {
    json_[text.is_name_ ? "statement" : "sql"] = text.text_;
    if (!params.empty()) json_["params"] = Json::array();
    for (std::size_t i = 0; i < params.size(); ++i) {
      json_["params"].push_back(params[i].value_);
      if (const auto& place = params[i].from_)
        json_["from"][std::to_string(i + 1)] = {place->statement, place->column};
    }
  }
  // Its one row is the result.
  Statement one() && { return std::move(*this).shape("row"); }
  // {"count": n, "rows": [...]} is the result.
  Statement rows() && { return std::move(*this).shape("rows"); }
  Statement expect(Expect rows) && {
    if (rows.min && rows.min == rows.max)
      json_["expect_rows"] = *rows.min;
    else if (rows.min || rows.max)
      json_["expect_rows"] = Json::object();
    if (rows.min != rows.max && rows.min) json_["expect_rows"]["at_least"] = *rows.min;
    if (rows.min != rows.max && rows.max) json_["expect_rows"]["at_most"] = *rows.max;
    return std::move(*this);
  }
  Statement called(std::string name) && {
    json_["name"] = std::move(name);
    return std::move(*this);
  }
  const Json& json() const { return json_; }

 private:
  Statement shape(const char* result) && {
    json_["result"] = result;
    return std::move(*this);
  }
  Json json_ = Json::object();
};

// A statement for transaction(), under a name.
inline Statement statement(std::string name, Text text, const Params& params = {}) {
  return Statement(text, params).called(std::move(name));
}

// Exactly one row, which is the step's result: its columns are the result's fields. None, or more, is
// rejected.
inline Request one(std::string endpoint, Text text, const Params& params = {}) {
  return {"sql", std::move(endpoint), Statement(text, params).one().json()};
}
// The result is {"count": n, "rows": [...]}.
inline Request rows(std::string endpoint, Text text, const Params& params = {}, Expect expect = {}) {
  return {"sql", std::move(endpoint), Statement(text, params).rows().expect(expect).json()};
}
// The result is {"count": n}.
inline Request exec(std::string endpoint, Text text, const Params& params = {}, Expect expect = {}) {
  return {"sql", std::move(endpoint), Statement(text, params).expect(expect).json()};
}

// All or none. The result is an object that holds each statement's under its name.
inline Request transaction(std::string endpoint, const std::vector<Statement>& statements) {
  Json list = Json::array();
  for (const Statement& one : statements) list.push_back(one.json());
  return {"sql", std::move(endpoint), {{"transaction", std::move(list)}}};
}

// For a plan's read steps: the database itself refuses to write, and the barrier is left out.
inline Request read_only(Request request) {
  request.body["read_only"] = true;
  return request;
}

}  // namespace amends::sql
