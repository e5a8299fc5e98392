// Reads of a store that several engines share.
#include "adapters/store/postgres/reader.hpp"
#include "adapters/store/postgres/rows.hpp"

namespace amends::postgres {
namespace {

Params of_ids(const std::vector<engine::SagaId>& ids) {
  Params out;
  out.array(Type::smallint, ids, [](Array& to, const auto& id) { to.small(id.shard()); });
  out.array(Type::uuid, ids, [](Array& to, const auto& id) { to.id(id); });
  return out;
}

}  // namespace

std::vector<engine::CommandRow> ReaderConnection::read_commands(const std::vector<engine::ShardId>& shards,
                                                                std::optional<engine::SagaId> after,
                                                                std::uint32_t count_max) {
  Params params;
  params.array(Type::smallint, shards, [](Array& to, engine::ShardId shard) { to.small(shard); });
  params.id(after.value_or(engine::SagaId{})).big(count_max);
  std::vector<engine::CommandRow> out;
  for (const auto& row : connection_.run("read_commands", params)) {
    out.push_back({.id = read_id(row[0]),
                   .kind = read_text(row[1]),
                   .saga = read_id(row[2]),
                   .at = read_time(row[3]),
                   .body = read_text(row[4])});
  }
  return out;
}

std::vector<engine::CommandDone> ReaderConnection::find_done(const std::vector<engine::SagaId>& commands) {
  std::vector<engine::CommandDone> out;
  for (const auto& row : connection_.run("find_done", of_ids(commands))) {
    out.push_back({.command = read_id(row[0]), .verdict = read_text(row[1]), .sentence = read_text(row[2])});
  }
  return out;
}

std::vector<engine::SagaRow> ReaderConnection::find_sagas(const std::vector<engine::SagaId>& sagas) {
  std::vector<engine::SagaRow> out;
  for (const auto& row : connection_.run("find_sagas", of_ids(sagas))) out.push_back(read_saga_row(row));
  return out;
}

std::vector<engine::EngineRow> ReaderConnection::engines() {
  std::vector<engine::EngineRow> out;
  for (const auto& row : connection_.run("engines")) {
    engine::EngineRow one;
    one.engine_id = read_text(row[0]);
    one.address = read_text(row[1]);
    one.version = read_text(row[2]);
    one.epoch = read_number(row[3]);
    one.commit_seq = read_number(row[4]);
    one.shards = static_cast<std::uint32_t>(read_number(row[5]));
    one.taken_at = read_time(row[6]);
    one.lease_until = read_time(row[7]);
    one.alive = read_text(row[8]) == "t";
    one.left = read_text(row[9]) == "t";
    one.lease_left = engine::Millis(read_signed(row[10]));
    one.heard_at = read_time(row[11]);
    one.backend = static_cast<std::uint32_t>(read_number(row[12]));
    one.schema_oldest = static_cast<int>(read_number(row[13]));
    one.schema_newest = static_cast<int>(read_number(row[14]));
    out.push_back(std::move(one));
  }
  return out;
}

std::vector<engine::ShardRow> ReaderConnection::shards() {
  std::vector<engine::ShardRow> out;
  for (const auto& row : connection_.run("shards")) {
    out.push_back({.shard = static_cast<engine::ShardId>(read_number(row[0])),
                   .engine_id = read_text(row[1]),
                   .live = read_number(row[2])});
  }
  return out;
}

engine::SharedCounts ReaderConnection::shared_counts() {
  const auto row = connection_.run("shared_counts")[0];
  engine::SharedCounts out;
  out.alive = static_cast<std::uint32_t>(read_number(row[0]));
  out.dead = static_cast<std::uint32_t>(read_number(row[1]));
  out.shards = static_cast<std::uint32_t>(read_number(row[2]));
  out.free = static_cast<std::uint32_t>(read_number(row[3]));
  out.waiting = read_number(row[4]);
  if (!row[5].is_null()) out.oldest_waits = engine::Millis(read_signed(row[5]));
  return out;
}

engine::CommandTrouble ReaderConnection::command_trouble() {
  engine::CommandTrouble out;
  for (const auto& row : connection_.run("refused_commands")) {
    out.refused = read_number(row[4]);
    out.latest.push_back({.saga = read_id(row[0]),
                          .kind = read_text(row[1]),
                          .sentence = read_text(row[2]),
                          .at = read_time(row[3])});
  }
  for (const auto& row : connection_.run("unplanned_starts")) {
    engine::UnplannedStarts one{read_text(row[0]), std::nullopt, read_number(row[2])};
    if (!row[1].is_null()) one.version = static_cast<std::uint32_t>(read_number(row[1]));
    out.unplanned.push_back(std::move(one));
  }
  return out;
}

}  // namespace amends::postgres
