#include "adapters/effect/sql/request_data.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "engine/base/text.hpp"

namespace amends::sql {
namespace {

using engine::Json;

std::string shown(std::string_view text) {
  return "\"" + engine::escape_controls(engine::shorten(text, 64)) + "\"";
}

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

std::string read_bound(const Json& value, std::optional<std::uint64_t>& out) {
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() > 1'000'000'000)
    return "a count of rows is not a whole number up to 1000000000";
  out = value.get<std::uint64_t>();
  return {};
}

// 2, or {"at_least": 1, "at_most": 3}.
std::string read_expect(const Json& value, SqlStatement& out) {
  if (!value.is_object()) {
    out.rows_max.reset();
    const auto error = read_bound(value, out.rows_min);
    out.rows_max = out.rows_min;
    return error;
  }
  for (const auto& [key, bound] : value.items()) {
    if (key != "at_least" && key != "at_most") return "\"expect_rows\" has the unknown member " + shown(key);
    if (auto error = read_bound(bound, key == "at_least" ? out.rows_min : out.rows_max); !error.empty())
      return error;
  }
  return {};
}

std::string read_shape(const Json& value, SqlStatement& out) {
  static constexpr std::array<std::pair<std::string_view, Shape>, 3> shapes = {
      {{"row", Shape::row}, {"rows", Shape::rows}, {"count", Shape::count}}};
  for (const auto& [word, shape] : shapes) {
    if (value != word) continue;
    out.shape = shape;
    return {};
  }
  return "\"result\" is none of \"row\", \"rows\" and \"count\"";
}

// {"2": ["stock", "id"]}: parameter $2 is the column id of the first row of the statement stock.
std::string read_from(const Json& value, SqlStatement& out) {
  if (!value.is_object()) return "\"from\" is not an object";
  for (const auto& [key, place] : value.items()) {
    std::size_t number = 0;
    const auto end = std::from_chars(key.data(), key.data() + key.size(), number);
    if (end.ec != std::errc() || end.ptr != key.data() + key.size() || number == 0 || number > params_max)
      return "\"from\" has the member " + shown(key) + ", which is no parameter's number";
    if (!place.is_array() || place.size() != 2 || !place[0].is_string() || !place[1].is_string())
      return "\"from\" does not name a statement and a column";
    out.from.push_back({number - 1, place[0].get<std::string>(), place[1].get<std::string>()});
  }
  return {};
}

std::string read_text(const Json& value, std::string_view member, std::string& out) {
  if (!value.is_string()) return shown(member) + " is not a string";
  out = value.get<std::string>();
  return {};
}

std::string read_member(const std::string& key, const Json& value, bool in_transaction, SqlStatement& out) {
  if (key == "sql") return read_text(value, key, out.sql);
  if (key == "statement") return read_text(value, key, out.statement);
  if (key == "params") {
    if (!value.is_array() || value.size() > params_max)
      return "\"params\" is not a list of at most " + std::to_string(params_max) + " values";
    out.params = value;
    return {};
  }
  if (key == "expect_rows") return read_expect(value, out);
  if (key == "result") return read_shape(value, out);
  if (in_transaction && key == "from") return read_from(value, out);
  if (in_transaction && key == "name") return read_text(value, key, out.name);
  return "unknown member " + shown(key);
}

std::string judge(const SqlStatement& statement, bool in_transaction) {
  if (in_transaction && !is_name(statement.name)) return "a statement of a transaction has no name";
  if (statement.sql.empty() == statement.statement.empty())
    return "a statement has one of \"sql\" and \"statement\"";
  if (statement.sql.size() > sql_bytes_max) return "a statement is too long";
  if (statement.statement.empty() && !is_row_statement(statement.sql))
    return "a statement begins with select, insert, update, delete, with, merge, values, replace or call";
  if (statement.rows_min && statement.rows_max && *statement.rows_min > *statement.rows_max)
    return "\"expect_rows\" can never hold";
  for (const EarlierColumn& from : statement.from)
    if (from.parameter >= statement.params.size()) return "\"from\" fills a parameter that is not there";
  return {};
}

std::string read_statement(const Json& json, bool in_transaction, RequestData& out) {
  if (!json.is_object()) return "a statement is not an object";
  SqlStatement statement;
  for (const auto& [key, value] : json.items()) {
    if (!in_transaction && key == "read_only") continue;
    if (auto error = read_member(key, value, in_transaction, statement); !error.empty()) return error;
  }
  if (statement.shape == Shape::row && !statement.rows_min && !statement.rows_max)
    statement.rows_min = statement.rows_max = 1;
  if (statement.shape == Shape::row && (statement.rows_min != 1 || statement.rows_max != 1))
    return "\"result\": \"row\" goes with exactly one expected row";
  if (auto error = judge(statement, in_transaction); !error.empty()) return error;
  for (const EarlierColumn& from : statement.from)
    if (std::ranges::find(out.statements, from.statement, &SqlStatement::name) == out.statements.end())
      return "\"from\" names " + shown(from.statement) + ", which is no earlier statement";
  if (in_transaction &&
      std::ranges::find(out.statements, statement.name, &SqlStatement::name) != out.statements.end())
    return "two statements are called " + shown(statement.name);
  out.statements.push_back(std::move(statement));
  return {};
}

std::string read_transaction(const Json& json, RequestData& out) {
  const Json& list = json.at("transaction");
  out.is_transaction = true;
  if (json.size() != 1 + json.count("read_only"))
    return "beside \"transaction\" only \"read_only\" may stand";
  if (!list.is_array() || list.empty() || list.size() > statements_max)
    return "\"transaction\" is not a list of 1 to " + std::to_string(statements_max) + " statements";
  for (const Json& one : list)
    if (auto error = read_statement(one, true, out); !error.empty()) return error;
  return {};
}

}  // namespace

bool is_row_statement(std::string_view sql) {
  static constexpr std::array<std::string_view, 9> words = {"select", "insert", "update",  "delete", "with",
                                                            "merge",  "values", "replace", "call"};
  const auto begin = sql.find_first_not_of(" \t\r\n");
  if (begin == std::string_view::npos) return false;
  std::string word;
  for (const char c : sql.substr(begin, 8)) {
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'))) break;
    word += c >= 'a' ? c : static_cast<char>(c - 'A' + 'a');
  }
  return std::ranges::find(words, word) != words.end();
}

RequestData parse_request(std::string_view text) {
  RequestData out;
  const auto parsed = engine::parse_json(text);
  if (!parsed.ok() || !parsed.value.is_object()) {
    out.error = "the request is not a JSON object";
    return out;
  }
  if (const auto it = parsed.value.find("read_only"); it != parsed.value.end()) {
    if (!it->is_boolean()) out.error = "\"read_only\" is neither true nor false";
    out.read_only = it->is_boolean() && it->get<bool>();
  }
  if (!out.ok()) return out;
  out.error = parsed.value.contains("transaction") ? read_transaction(parsed.value, out)
                                                   : read_statement(parsed.value, false, out);
  return out;
}

}  // namespace amends::sql
