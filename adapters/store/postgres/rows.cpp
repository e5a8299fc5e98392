#include "adapters/store/postgres/rows.hpp"

#include <charconv>

#include "adapters/store/postgres/error.hpp"

namespace amends::postgres {
namespace {

bool read_boolean(const pqxx::field& field) {
  return *field.c_str() == 't';
}

}  // namespace

std::int64_t read_signed(const pqxx::field& field) {
  std::int64_t out = 0;
  const char* end = field.c_str() + field.size();
  const auto [stopped, error] = std::from_chars(field.c_str(), end, out);
  if (error != std::errc() || stopped != end) {
    throw PostgresError{"", "the store holds something that is not a number where one belongs"};
  }
  return out;
}

engine::WallTime read_time(const pqxx::field& field) {
  return engine::from_micros(read_signed(field));
}

std::string read_text(const pqxx::field& field) {
  return {field.c_str(), field.size()};
}

engine::SagaId read_id(const pqxx::field& field) {
  const auto id = engine::SagaId::parse({field.c_str(), field.size()});
  if (!id) throw PostgresError{"", "the store holds a saga id that Amends did not make"};
  return *id;
}

std::uint64_t read_number(const pqxx::field& field) {
  return static_cast<std::uint64_t>(read_signed(field));
}

engine::SagaRow read_saga_row(const pqxx::row& row) {
  engine::SagaRow out;
  out.id = read_id(row[0]);
  out.plan_id = read_text(row[1]);
  out.workflow = read_text(row[2]);
  out.key = read_text(row[3]);
  out.state = read_text(row[4]);
  out.step = read_text(row[5]);
  out.error_class = read_text(row[6]);
  out.seq = static_cast<std::uint32_t>(read_number(row[7]));
  out.active = read_boolean(row[8]);
  if (!row[9].is_null()) out.wake_at = read_time(row[9]);
  out.created_at = read_time(row[10]);
  out.updated_at = read_time(row[11]);
  return out;
}

engine::JournalRow read_journal_row(const pqxx::row& row) {
  return {.saga = read_id(row[0]),
          .seq = static_cast<std::uint32_t>(read_number(row[1])),
          .at = read_time(row[2]),
          .body = read_text(row[3]),
          .epoch = read_number(row[4]),
          .commit_seq = read_number(row[5])};
}

}  // namespace amends::postgres
