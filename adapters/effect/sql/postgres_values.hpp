// PostgreSQL's values as JSON and back. docs/sql_steps.md has the table.
#pragma once
#include <libpq-fe.h>

#include <optional>
#include <string>

#include "engine/base/json.hpp"

namespace amends::sql {

// A parameter as the server reads it, whatever type it finds; nothing is null. Objects and lists are their
// JSON.
std::optional<std::string> param_text(const engine::Json& value);

// One row as an object by column names. Throws Failure when two columns share a name or a value is no JSON.
engine::Json row_of(const PGresult* result, int row);

}  // namespace amends::sql
