#include "adapters/store/postgres/reader.hpp"

#include "adapters/store/postgres/rows.hpp"
#include "adapters/store/postgres/schema.hpp"

namespace amends::postgres {

ReaderConnection::ReaderConnection(const Address& address, Watchdog& dog, engine::Millis statement_limit)
    : connection_(address, dog) {
  connection_.run("reader_session", Params().text(std::to_string(statement_limit.count())));
  check_schema(connection_);
}

std::optional<engine::SagaRow> ReaderConnection::find_saga(const engine::SagaId& id) {
  const auto found = connection_.run("find_saga", Params().small(id.shard()).id(id));
  if (found.empty()) return std::nullopt;
  return read_saga_row(found[0]);
}

std::vector<engine::JournalRow> ReaderConnection::read_journal(const engine::SagaId& id,
                                                               std::uint32_t after_seq,
                                                               std::uint32_t count_max) {
  std::vector<engine::JournalRow> out;
  const Params params = Params().small(id.shard()).id(id).big(after_seq).big(count_max);
  for (const auto& row : connection_.run("read_journal", params)) out.push_back(read_journal_row(row));
  return out;
}

std::vector<engine::Tag> ReaderConnection::read_tags(const engine::SagaId& id) {
  std::vector<engine::Tag> out;
  for (const auto& row : connection_.run("read_tags", Params().small(id.shard()).id(id))) {
    out.push_back({.name = read_text(row[0]), .value = read_text(row[1])});
  }
  return out;
}

std::optional<engine::SagaId> ReaderConnection::find_start_key(std::string_view workflow,
                                                               std::string_view key) {
  const auto found = connection_.run("find_start_key", Params().text(workflow).text(key));
  if (found.empty()) return std::nullopt;
  return read_id(found[0][0]);
}

std::vector<engine::PlanRow> ReaderConnection::plans() {
  std::vector<engine::PlanRow> out;
  for (const auto& row : connection_.run("plans")) {
    out.push_back({.plan_id = read_text(row[0]),
                   .workflow = read_text(row[1]),
                   .version = static_cast<std::uint32_t>(read_number(row[2])),
                   .shape = read_text(row[3]),
                   .graph = read_text(row[4])});
  }
  return out;
}

std::vector<engine::StateCount> ReaderConnection::counts() {
  std::vector<engine::StateCount> out;
  for (const auto& row : connection_.run("counts")) {
    out.push_back({.workflow = read_text(row[0]), .state = read_text(row[1]), .count = read_number(row[2])});
  }
  return out;
}

engine::Sleepers ReaderConnection::count_sleepers(const std::vector<engine::ShardId>& shards,
                                                  engine::WallTime until) {
  Params of;
  of.array(Type::smallint, shards, [](Array& to, engine::ShardId shard) { to.small(shard); });
  const auto counted = connection_.run("count_sleepers", of.time(until));
  return {read_number(counted[0][0]), read_number(counted[0][1])};
}

}  // namespace amends::postgres
