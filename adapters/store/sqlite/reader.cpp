#include "adapters/store/sqlite/reader.hpp"

#include "adapters/store/sqlite/rows.hpp"
#include "adapters/store/sqlite/schema.hpp"
#include "adapters/store/sqlite/sql.hpp"

namespace amends::sqlite {
namespace {

Connection& checked(Connection& connection) {
  check_version(connection);
  return connection;
}

}  // namespace

ReaderConnection::ReaderConnection(const std::string& path, Connection::Access access, const std::string& vfs)
    : connection_(path, access, vfs),
      find_saga_(checked(connection_), sql("find_saga")),
      read_journal_(connection_, sql("read_journal")),
      read_tags_(connection_, sql("read_tags")),
      find_start_key_(connection_, sql("find_start_key")),
      plans_(connection_, sql("plans")),
      counts_(connection_, sql("counts")),
      count_sleepers_(connection_, sql("count_sleepers")),
      list_(connection_, sql("list")),
      list_active_(connection_, sql("list_active")),
      list_ended_badly_(connection_, sql("list_ended_badly")),
      list_tagged_(connection_, sql("list_tagged")),
      list_upwards_(connection_, sql("list_upwards")) {}

std::optional<engine::SagaRow> ReaderConnection::find_saga(const engine::SagaId& id) {
  auto row = find_saga_.run(id);
  if (!row.next()) return std::nullopt;
  return read_saga_row(row);
}

std::vector<engine::JournalRow> ReaderConnection::read_journal(const engine::SagaId& id,
                                                               std::uint32_t after_seq,
                                                               std::uint32_t count_max) {
  std::vector<engine::JournalRow> out;
  auto row = read_journal_.run(id, after_seq, count_max);
  while (row.next()) out.push_back(read_journal_row(row));
  return out;
}

std::vector<engine::Tag> ReaderConnection::read_tags(const engine::SagaId& id) {
  std::vector<engine::Tag> out;
  auto row = read_tags_.run(id);
  while (row.next()) out.push_back({.name = row.text(0), .value = row.text(1)});
  return out;
}

std::vector<engine::SagaRow> ReaderConnection::list_upwards(const engine::SagaId& after,
                                                            const engine::SagaId& below,
                                                            std::uint32_t count_max) {
  std::vector<engine::SagaRow> out;
  auto row = list_upwards_.run(after, below, count_max);
  while (row.next()) out.push_back(read_saga_row(row));
  return out;
}

std::optional<engine::SagaId> ReaderConnection::find_start_key(std::string_view workflow,
                                                               std::string_view key) {
  auto row = find_start_key_.run(workflow, key);
  if (!row.next()) return std::nullopt;
  return row.id(0);
}

std::vector<engine::PlanRow> ReaderConnection::plans() {
  std::vector<engine::PlanRow> out;
  auto row = plans_.run();
  while (row.next()) {
    out.push_back({.plan_id = row.text(0),
                   .workflow = row.text(1),
                   .version = static_cast<std::uint32_t>(row.integer(2)),
                   .shape = row.text(3),
                   .graph = row.text(4)});
  }
  return out;
}

std::vector<engine::StateCount> ReaderConnection::counts() {
  std::vector<engine::StateCount> out;
  auto row = counts_.run();
  while (row.next()) {
    out.push_back(
        {.workflow = row.text(0), .state = row.text(1), .count = static_cast<std::uint64_t>(row.integer(2))});
  }
  return out;
}

engine::Sleepers ReaderConnection::count_sleepers(engine::WallTime until) {
  auto row = count_sleepers_.run(until);
  if (!row.next()) return {};
  return {static_cast<std::uint64_t>(row.integer(0)), static_cast<std::uint64_t>(row.integer(1))};
}

}  // namespace amends::sqlite
