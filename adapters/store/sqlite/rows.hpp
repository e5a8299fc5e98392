// Rows between SQLite's columns and the port's structs. Statements that return sagas or journal rows list the
// same columns in the same order.
#pragma once
#include "adapters/store/sqlite/connection.hpp"
#include "engine/ports/store.hpp"

namespace amends::sqlite {

inline engine::SagaRow read_saga_row(const Statement::Run& row) {
  return {.id = row.id(0),
          .plan_id = row.text(1),
          .workflow = row.text(2),
          .key = row.text(3),
          .state = row.text(4),
          .step = row.text(5),
          .error_class = row.text(6),
          .seq = static_cast<std::uint32_t>(row.integer(7)),
          .active = row.integer(8) != 0,
          .wake_at = row.maybe_time(9),
          .created_at = row.time(10),
          .updated_at = row.time(11)};
}

inline engine::JournalRow read_journal_row(const Statement::Run& row) {
  return {.saga = row.id(0),
          .seq = static_cast<std::uint32_t>(row.integer(1)),
          .at = row.time(2),
          .body = row.text(3),
          .epoch = static_cast<std::uint64_t>(row.integer(4)),
          .commit_seq = static_cast<std::uint64_t>(row.integer(5))};
}

}  // namespace amends::sqlite
