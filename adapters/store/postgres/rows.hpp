// Rows between PostgreSQL's columns and the port's structs. Statements that return sagas or journal rows list
// the same columns in the same order.
#pragma once
#include <pqxx/result>
#include <string>

#include "engine/ports/store.hpp"

namespace amends::postgres {

std::string read_text(const pqxx::field& field);
// Throws PostgresError for what is no id of ours: somebody wrote into the tables.
engine::SagaId read_id(const pqxx::field& field);
engine::WallTime read_time(const pqxx::field& field);
std::uint64_t read_number(const pqxx::field& field);
std::int64_t read_signed(const pqxx::field& field);

engine::SagaRow read_saga_row(const pqxx::row& row);
engine::JournalRow read_journal_row(const pqxx::row& row);

}  // namespace amends::postgres
