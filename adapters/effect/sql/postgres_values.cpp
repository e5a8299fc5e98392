#include "adapters/effect/sql/postgres_values.hpp"

#include <charconv>
#include <cmath>

#include "adapters/effect/sql/failure.hpp"
#include "adapters/postgres_types.hpp"

namespace amends::sql {
namespace {

using engine::Json;

using postgres::Type;

template <typename Number>
Json number_of(std::string_view text) {
  Number value{};
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end.ec != std::errc() || end.ptr != text.data() + text.size()) return text;
  if constexpr (std::is_floating_point_v<Number>)
    if (!std::isfinite(value)) return text;  // JSON has no NaN
  return value;
}

Json value_of(Oid type, std::string_view text) {
  switch (static_cast<Type>(type)) {
    case Type::boolean: return text == "t";
    case Type::smallint:
    case Type::integer:
    case Type::bigint:
    case Type::oid: return number_of<std::int64_t>(text);
    case Type::float4:
    case Type::float8: return number_of<double>(text);
    case Type::json:
    case Type::jsonb: {
      auto parsed = engine::parse_json(text);
      if (!parsed.ok())
        throw Failure{Phase::work, Trouble::unmet, "bad_value", "a JSON value: " + parsed.error};
      return std::move(parsed.value);
    }
    default: return text;  // numeric too: a double would round it
  }
}

}  // namespace

std::optional<std::string> param_text(const Json& value) {
  if (value.is_null()) return std::nullopt;
  if (value.is_string()) return value.get<std::string>();
  return engine::canonical(value);
}

Json row_of(const PGresult* result, int row) {
  Json out = Json::object();
  for (int column = 0; column < PQnfields(result); ++column) {
    const char* name = PQfname(result, column);
    if (out.contains(name))
      throw Failure{Phase::work, Trouble::unmet, "duplicate_column",
                    "two columns are called '" + std::string(name) + "'; name them with `as`"};
    Json& value = out[name];
    if (PQgetisnull(result, row, column) != 0) continue;
    value = value_of(PQftype(result, column), {PQgetvalue(result, row, column),
                                               static_cast<std::size_t>(PQgetlength(result, row, column))});
  }
  return out;
}

}  // namespace amends::sql
