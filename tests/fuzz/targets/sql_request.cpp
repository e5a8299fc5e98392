// What a step asks of the SQL adapter.
#include "adapters/effect/sql/request_data.hpp"

#include "tests/fuzz/target.hpp"

namespace amends::fuzz {
namespace {

using namespace sql;

void hold_statement(const SqlStatement& statement, bool in_transaction) {
  AMENDS_HOLDS(statement.sql.empty() != statement.statement.empty(), "a statement is a text or a name");
  AMENDS_HOLDS(statement.sql.size() <= sql_bytes_max && statement.params.size() <= params_max,
               "the bounds hold");
  AMENDS_HOLDS(statement.params.is_array(), "parameters are a list");
  if (!statement.sql.empty()) AMENDS_HOLDS(is_row_statement(statement.sql), "its text reads or writes rows");
  AMENDS_HOLDS(in_transaction == !statement.name.empty(), "a statement has a name within a transaction");
  if (statement.rows_min && statement.rows_max)
    AMENDS_HOLDS(*statement.rows_min <= *statement.rows_max, "what is expected can be");
  if (statement.shape == Shape::row)
    AMENDS_HOLDS(statement.rows_min == 1u && statement.rows_max == 1u, "a row is one row");
  for (const EarlierColumn& from : statement.from)
    AMENDS_HOLDS(from.parameter < statement.params.size(), "what is filled in is a parameter");
}

}  // namespace

AMENDS_FUZZ_TARGET(sql_request) {
  is_row_statement(input);
  const RequestData request = parse_request(input);
  AMENDS_HOLDS(is_sentence(request.error, 300), "why it cannot be run is said in a short printable sentence");
  if (!request.ok()) return;
  AMENDS_HOLDS(!request.statements.empty() && request.statements.size() <= statements_max,
               "there is something to run");
  AMENDS_HOLDS(request.is_transaction || request.statements.size() == 1,
               "several statements are a transaction");
  for (const SqlStatement& statement : request.statements) hold_statement(statement, request.is_transaction);
}

}  // namespace amends::fuzz
