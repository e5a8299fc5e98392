// The writer's verbs that are not flushes: they move no commit_seq, but stand behind the same fence.
#include <algorithm>

#include "adapters/store/sqlite/rows.hpp"
#include "adapters/store/sqlite/writer.hpp"

namespace amends::sqlite {

void WriterConnection::begin_fenced(std::uint64_t epoch) {
  begin_.execute();
  auto row = find_epoch_.run();
  if (row.next() && static_cast<std::uint64_t>(row.integer(0)) == epoch) return;
  throw engine::StoreUnavailable{"fenced", "another writer has taken the store over"};
}

std::vector<engine::PlanRow> WriterConnection::ensure_plans(const std::vector<engine::PlanRow>& plans,
                                                            std::uint64_t epoch) {
  std::vector<engine::PlanRow> changed;
  try {
    begin_fenced(epoch);
    for (const auto& plan : plans) {
      insert_plan_.execute(plan.plan_id, plan.workflow, plan.version, plan.shape, plan.graph);
      if (connection_.changes() == 1) continue;
      auto stored = find_plan_shape_.run(plan.plan_id);
      if (stored.next() && stored.text(0) != plan.shape) changed.push_back(plan);
    }
  } catch (...) {
    roll_back();
    throw;
  }
  commit();
  return changed;
}

std::uint32_t WriterConnection::retire(const std::vector<engine::SagaId>& sagas, std::uint64_t epoch) {
  std::uint32_t retired = 0;
  try {
    begin_fenced(epoch);
    for (const engine::SagaId& id : sagas) {
      retire_saga_.execute(id);
      if (connection_.changes() == 0) continue;
      retire_journal_.execute(id);
      retire_tags_.execute(id);
      ++retired;
    }
  } catch (...) {
    roll_back();
    throw;
  }
  commit();
  return retired;
}

void WriterConnection::keep_keys(const std::vector<engine::KeptKey>& keys, std::uint64_t epoch) {
  try {
    begin_fenced(epoch);
    for (const engine::KeptKey& kept : keys)
      keep_key_.execute(kept.workflow, kept.key, kept.saga, kept.until);
  } catch (...) {
    roll_back();
    throw;
  }
  commit();
}

std::uint32_t WriterConnection::forget_keys(engine::WallTime now, engine::WallTime ended_before,
                                            std::uint32_t count_max, std::uint64_t epoch) {
  std::uint32_t forgotten = 0;
  try {
    begin_fenced(epoch);
    forget_keys_.execute(now, ended_before, count_max);
    forgotten = static_cast<std::uint32_t>(connection_.changes());
  } catch (...) {
    roll_back();
    throw;
  }
  commit();
  return forgotten;
}

engine::SavedSaga WriterConnection::read_saved(const Statement::Run& row) {
  engine::SavedSaga saved;
  saved.row = read_saga_row(row);
  auto journal = load_journal_.run(saved.row.id);
  while (journal.next()) saved.journal.push_back(read_journal_row(journal));
  return saved;
}

std::vector<engine::SavedSaga> WriterConnection::load_live(engine::ShardId shard,
                                                           std::optional<engine::SagaId> after,
                                                           std::uint32_t count_max) {
  std::vector<engine::SavedSaga> out;
  if (shard != 0) return out;
  const engine::SagaId from = after.value_or(engine::SagaId{});
  auto sagas = load_live_.run(from, count_max);
  while (sagas.next()) out.push_back(read_saved(sagas));
  return out;
}

std::vector<engine::SavedSaga> WriterConnection::load_due(const std::vector<engine::DueAfter>& after,
                                                          engine::WallTime until, std::uint32_t count_max) {
  std::vector<engine::SavedSaga> out;
  for (const engine::DueAfter& from : after) {
    if (from.shard != 0) continue;
    auto sagas = load_due_.run(from.wake_at, from.saga, until, count_max);
    while (sagas.next()) out.push_back(read_saved(sagas));
  }
  return out;
}

std::vector<engine::SavedSaga> WriterConnection::load_sagas(const std::vector<engine::SagaId>& sagas) {
  std::vector<engine::SagaId> ids = sagas;
  std::sort(ids.begin(), ids.end());
  std::vector<engine::SavedSaga> out;
  for (const engine::SagaId& id : ids) {
    auto saga = load_saga_.run(id);
    if (saga.next()) out.push_back(read_saved(saga));
  }
  return out;
}

}  // namespace amends::sqlite
