// The writer's verbs that are not flushes: they move no commit_seq, but stand behind the same fence.
#include <unordered_map>

#include "adapters/store/postgres/rows.hpp"
#include "adapters/store/postgres/writer.hpp"

namespace amends::postgres {
namespace {

void expect_fence(const pqxx::field& count) {
  if (read_number(count) != 1) {
    throw engine::StoreUnavailable{"fenced", "another writer has taken the store over"};
  }
}

}  // namespace

std::vector<engine::PlanRow> WriterConnection::ensure_plans(const std::vector<engine::PlanRow>& plans,
                                                            std::uint64_t epoch) {
  Params add;
  add.small(writer_id_).integer(epoch);
  add.array(Type::text, plans, [](Array& to, const auto& plan) { to.text(plan.plan_id); });
  add.array(Type::text, plans, [](Array& to, const auto& plan) { to.text(plan.workflow); });
  add.array(Type::integer, plans, [](Array& to, const auto& plan) { to.integer(plan.version); });
  add.array(Type::text, plans, [](Array& to, const auto& plan) { to.text(plan.shape); });
  add.array(Type::text, plans, [](Array& to, const auto& plan) { to.text(plan.graph); });
  expect_fence(connection_.run("add_plans", add)[0][0]);

  Params read;
  read.array(Type::text, plans, [](Array& to, const auto& plan) { to.text(plan.plan_id); });
  std::unordered_map<std::string, std::string> shapes;
  for (const auto& row : connection_.run("read_plan_shapes", read)) {
    shapes.emplace(read_text(row[0]), read_text(row[1]));
  }
  std::vector<engine::PlanRow> changed;
  for (const auto& plan : plans) {
    if (shapes[plan.plan_id] != plan.shape) changed.push_back(plan);
  }
  return changed;
}

void WriterConnection::purge_flushes(std::uint64_t commit_seq, std::uint64_t epoch) {
  constexpr std::uint64_t kept = 1'000;
  if (commit_seq <= kept) return;
  expect_fence(connection_.run("purge_flushes",
                               Params().small(writer_id_).integer(epoch).big(commit_seq - kept))[0][0]);
}

std::vector<engine::SavedSaga> WriterConnection::with_journals(const pqxx::result& sagas) {
  std::vector<engine::SavedSaga> out;
  std::unordered_map<engine::SagaId, std::size_t, engine::SagaIdHash> places;
  for (const auto& row : sagas) {
    out.push_back({.row = read_saga_row(row), .journal = {}});
    places.emplace(out.back().row.id, out.size() - 1);
  }
  if (out.empty()) return out;

  Params of;
  of.array(Type::smallint, out, [](Array& to, const auto& saved) { to.small(saved.row.id.shard()); });
  of.array(Type::uuid, out, [](Array& to, const auto& saved) { to.id(saved.row.id); });
  for (const auto& row : connection_.run("load_journals", of)) {
    engine::JournalRow entry = read_journal_row(row);
    out[places.at(entry.saga)].journal.push_back(std::move(entry));
  }
  return out;
}

std::vector<engine::SavedSaga> WriterConnection::load_live(engine::ShardId shard,
                                                           std::optional<engine::SagaId> after,
                                                           std::uint32_t count_max) {
  return with_journals(connection_.run(
      "load_live", Params().small(shard).id(after.value_or(engine::SagaId{})).big(count_max)));
}

std::vector<engine::SavedSaga> WriterConnection::load_due(const std::vector<engine::DueAfter>& after,
                                                          engine::WallTime until, std::uint32_t count_max) {
  Params of;
  of.array(Type::smallint, after, [](Array& to, const auto& from) { to.small(from.shard); });
  of.array(Type::timestamptz, after, [](Array& to, const auto& from) { to.time(from.wake_at); });
  of.array(Type::uuid, after, [](Array& to, const auto& from) { to.id(from.saga); });
  return with_journals(connection_.run("load_due", of.time(until).big(count_max)));
}

std::vector<engine::SavedSaga> WriterConnection::load_sagas(const std::vector<engine::SagaId>& sagas) {
  Params of;
  of.array(Type::smallint, sagas, [](Array& to, const auto& id) { to.small(id.shard()); });
  of.array(Type::uuid, sagas, [](Array& to, const auto& id) { to.id(id); });
  return with_journals(connection_.run("load_sagas", of));
}

}  // namespace amends::postgres
