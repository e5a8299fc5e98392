// What a step asks of the SQL adapter: the body of a Request, taken apart. docs/sql_steps.md describes it.
//
//   {"sql": "update stock set ... where sku = $1 returning id", "params": ["a"], "expect_rows": 1}
//   {"transaction": [{"name": "stock", "sql": ...}, {"name": "log", "sql": ..., "from": {"1": ["stock",
//   "id"]}}]}
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/json.hpp"

namespace amends::sql {

// What of a statement becomes the step's result.
enum class Shape : std::uint8_t {
  row,    // the one row, as an object; implies that exactly one is expected
  rows,   // {"count": 2, "rows": [{...}, {...}]}
  count,  // {"count": 2}
};

// A parameter that is a column of an earlier statement's first row.
struct EarlierColumn {
  std::size_t parameter = 0;  // from 0
  std::string statement, column;
};

struct SqlStatement {
  std::string name;       // within a transaction; empty for a statement of its own
  std::string sql;        // its text, or
  std::string statement;  // its name in the endpoint's configuration
  engine::Json params = engine::Json::array();
  std::vector<EarlierColumn> from;
  std::optional<std::uint64_t> rows_min, rows_max;
  Shape shape = Shape::count;
};

struct RequestData {
  std::vector<SqlStatement> statements;
  bool is_transaction = false;  // the result is an object by the statements' names
  bool read_only = false;       // held by the database; the barrier is left out, because nothing can happen
  std::string error;            // empty when all is well, else one sentence

  bool ok() const { return error.empty(); }
};

inline constexpr std::size_t statements_max = 64, params_max = 1'000, sql_bytes_max = 1 << 18;

RequestData parse_request(std::string_view text);

// Whether it begins with one of the words that only read and write rows. Everything that steers the session
// or ends the transaction is refused: it would take the barrier's row apart from the work.
bool is_row_statement(std::string_view sql);

}  // namespace amends::sql
