// What has had its time leaves.
#include <algorithm>

#include "adapters/store/memory/memory_store.hpp"
#include "engine/base/buggify.hpp"

namespace amends::memory {

engine::EndedPage MemoryStore::find_ended(engine::ShardId shard, std::optional<engine::SagaId> after,
                                          engine::WallTime ended_before, std::uint32_t looked_max,
                                          bool whole) {
  std::lock_guard lock(tables_->mutex_);
  check_settled_locked();
  engine::EndedPage page;
  const auto& sagas = tables_->sagas_;
  const engine::SagaId bound = engine::first_id_after(ended_before, shard);
  std::uint32_t looked = 0;
  for (auto it = after ? sagas.upper_bound(*after) : sagas.begin(); it != sagas.end() && it->first < bound;
       ++it) {
    if (it->first.shard() != shard) continue;
    const engine::SagaRow& row = it->second;
    if (!row.active && row.updated_at < ended_before) {
      engine::EndedSaga& one = page.sagas.emplace_back(engine::EndedSaga{row, {}, {}});
      if (whole) {
        for (const auto& [name, value] : tables_->tags_[row.id]) one.tags.push_back({name, value});
        for (const auto& [seq, entry] : tables_->journal_[row.id]) one.journal.push_back(entry);
      }
    }
    if (++looked == looked_max) {
      page.more = it->first;
      break;
    }
  }
  return page;
}

std::uint32_t MemoryStore::retire(const std::vector<engine::SagaId>& sagas) {
  std::lock_guard lock(tables_->mutex_);
  check_fence_locked();
  std::uint32_t retired = 0;
  for (const engine::SagaId& id : sagas) {
    const auto found = tables_->sagas_.find(id);
    if (found == tables_->sagas_.end() || found->second.active) continue;
    tables_->sagas_.erase(found);
    tables_->journal_.erase(id);
    tables_->tags_.erase(id);
    ++retired;
  }
  return retired;
}

void MemoryStore::keep_keys(const std::vector<engine::KeptKey>& keys) {
  std::lock_guard lock(tables_->mutex_);
  check_fence_locked();
  for (const engine::KeptKey& kept : keys) {
    const auto found = tables_->keys_.find({kept.workflow, kept.key});
    if (found == tables_->keys_.end() || found->second.saga != kept.saga) continue;
    found->second.until = std::max(found->second.until, kept.until);
  }
}

std::uint32_t MemoryStore::forget_keys(engine::WallTime now, engine::WallTime ended_before,
                                       std::uint32_t count_max) {
  std::lock_guard lock(tables_->mutex_);
  check_fence_locked();
  const auto is_needed = [&](const engine::SagaId& saga) {
    const auto found = tables_->sagas_.find(saga);
    return found != tables_->sagas_.end() &&
           (found->second.active || found->second.updated_at >= ended_before);
  };
  const auto is_awaited = [&](const engine::SagaId& saga) {
    return std::any_of(tables_->commands_.begin(), tables_->commands_.end(), [&](const auto& one) {
      return !one.second.done && one.second.row.kind == "start" && one.second.row.saga == saga;
    });
  };
  std::uint32_t forgotten = 0;
  for (auto it = tables_->keys_.begin(); it != tables_->keys_.end() && forgotten < count_max;) {
    const Tables::Claim& claim = it->second;
    const bool goes = AMENDS_PLANTED("key_freed_early") ||
                      (claim.until <= now && !is_needed(claim.saga) && !is_awaited(claim.saga));
    it = goes ? (++forgotten, tables_->keys_.erase(it)) : std::next(it);
  }
  return forgotten;
}

std::uint32_t MemoryStore::forget_commands(const std::vector<engine::ShardId>& shards,
                                           engine::WallTime answered_before, std::uint32_t count_max) {
  std::lock_guard lock(tables_->mutex_);
  check_fence_locked();
  std::uint32_t forgotten = 0;
  auto& commands = tables_->commands_;
  for (auto it = commands.begin(); it != commands.end() && forgotten < count_max;) {
    const bool ours = std::find(shards.begin(), shards.end(), it->first.shard()) != shards.end();
    const bool goes = ours && it->second.done && it->second.row.at < answered_before;
    it = goes ? (++forgotten, commands.erase(it)) : std::next(it);
  }
  return forgotten;
}

}  // namespace amends::memory
