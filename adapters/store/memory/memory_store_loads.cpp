// Sagas with their journals.
#include <algorithm>

#include "adapters/store/memory/memory_store.hpp"

namespace amends::memory {

using engine::SagaId;
using engine::SagaRow;
using engine::SavedSaga;

SavedSaga MemoryStore::saved_locked(const SagaRow& row) const {
  SavedSaga saved{row, {}};
  if (const auto rows = tables_->journal_.find(row.id); rows != tables_->journal_.end())
    for (const auto& [seq, entry] : rows->second) saved.journal.push_back(entry);
  return saved;
}

std::vector<SavedSaga> MemoryStore::load_live(engine::ShardId shard, std::optional<SagaId> after,
                                              std::uint32_t count_max) {
  std::lock_guard lock(tables_->mutex_);
  check_settled_locked();
  std::vector<SavedSaga> out;
  const auto& sagas = tables_->sagas_;
  for (auto it = after ? sagas.upper_bound(*after) : sagas.begin(); it != sagas.end(); ++it) {
    if (out.size() == count_max) break;
    const SagaRow& row = it->second;
    const bool sleeps = row.wake_at || row.state == "needs_operator";
    if (row.active && !sleeps && it->first.shard() == shard) out.push_back(saved_locked(it->second));
  }
  return out;
}

std::vector<SavedSaga> MemoryStore::load_due(const std::vector<engine::DueAfter>& after,
                                             engine::WallTime until, std::uint32_t count_max) {
  std::lock_guard lock(tables_->mutex_);
  check_settled_locked();
  std::vector<SavedSaga> out;
  for (const engine::DueAfter& from : after) {
    std::vector<const SagaRow*> due;
    for (const auto& [id, row] : tables_->sagas_)
      if (row.active && id.shard() == from.shard && row.wake_at && *row.wake_at <= until &&
          std::tie(*row.wake_at, id) > std::tie(from.wake_at, from.saga))
        due.push_back(&row);
    std::sort(due.begin(), due.end(), [](const SagaRow* a, const SagaRow* b) {
      return std::tie(*a->wake_at, a->id) < std::tie(*b->wake_at, b->id);
    });
    for (std::size_t i = 0; i < std::min<std::size_t>(due.size(), count_max); ++i)
      out.push_back(saved_locked(*due[i]));
  }
  return out;
}

std::vector<SavedSaga> MemoryStore::load_sagas(const std::vector<SagaId>& sagas) {
  std::lock_guard lock(tables_->mutex_);
  check_settled_locked();
  std::vector<SagaId> ids = sagas;
  std::sort(ids.begin(), ids.end());
  std::vector<SavedSaga> out;
  for (const SagaId& id : ids)
    if (const auto it = tables_->sagas_.find(id); it != tables_->sagas_.end() && it->second.active)
      out.push_back(saved_locked(it->second));
  return out;
}

engine::Sleepers MemoryStore::count_sleepers(const std::vector<engine::ShardId>& shards,
                                             engine::WallTime until) {
  std::lock_guard lock(tables_->mutex_);
  check_settled_locked();
  engine::Sleepers out;
  for (const auto& [id, row] : tables_->sagas_) {
    if (!row.active || std::find(shards.begin(), shards.end(), id.shard()) == shards.end()) continue;
    out.waiting += row.wake_at && *row.wake_at > until;
    out.parked += !row.wake_at && row.state == "needs_operator";
  }
  return out;
}

}  // namespace amends::memory
