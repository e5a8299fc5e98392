// Several engines over one set of tables.
#include <algorithm>

#include "adapters/store/memory/memory_store.hpp"
#include "engine/base/buggify.hpp"

namespace amends::memory {

std::vector<engine::ShardId> Tables::owned_locked(const std::string& engine) const {
  std::vector<engine::ShardId> out;
  for (std::size_t i = 0; i < owners_.size(); ++i)
    if (owners_[i] == engine) out.push_back(static_cast<engine::ShardId>(i));
  return out;
}

void Tables::wake(const std::string& engine) {
  std::vector<std::function<void()>> called;
  {
    std::lock_guard lock(mutex_);
    for (const auto& [id, one] : wakes_)
      if (engine.empty() || id == engine) called.push_back(one);
  }
  for (const auto& one : called) one();
}

engine::Share MemoryStore::tend(engine::WallTime now) {
  std::lock_guard lock(tables_->mutex_);
  check_fence_locked();
  tables_->now_ = std::max(tables_->now_, now);
  writer_locked().lease_until = now + lease_;
  writer_locked().address = served_at_;
  std::uint32_t alive = 0;
  for (auto& [id, writer] : tables_->writers_) {
    if (writer.lease_until >= now) {
      ++alive;
      continue;
    }
    if (tables_->owned_locked(id).empty()) continue;
    if (!AMENDS_PLANTED("dead_not_fenced")) ++writer.epoch;
    std::replace(tables_->owners_.begin(), tables_->owners_.end(), id, std::string());
  }
  engine::Share out;
  out.lease = lease_;
  out.engines = alive;
  const std::size_t even = (tables_->owners_.size() + alive - 1) / alive;
  std::size_t owned = tables_->owned_locked(engine_).size();
  for (std::string& owner : tables_->owners_) {
    if (!owner.empty() || owned >= even) continue;
    owner = engine_;
    ++owned;
  }
  out.owned = tables_->owned_locked(engine_);
  out.surplus = owned > even ? static_cast<std::uint32_t>(owned - even) : 0;
  return out;
}

void MemoryStore::give_up(const std::vector<engine::ShardId>& shards) {
  {
    std::lock_guard lock(tables_->mutex_);
    check_fence_locked();
    for (const engine::ShardId shard : shards)
      if (tables_->owners_[shard] == engine_) tables_->owners_[shard].clear();
  }
  tables_->wake({});
}

void MemoryStore::leave() {
  {
    std::lock_guard lock(tables_->mutex_);
    check_fence_locked();
    std::replace(tables_->owners_.begin(), tables_->owners_.end(), engine_, std::string());
    writer_locked().lease_until = {};
    writer_locked().left = true;
    ++writer_locked().epoch;
    tables_->wakes_.erase(engine_);
  }
  tables_->wake({});
}

void MemoryStore::post_command(const engine::CommandRow& row) {
  std::string owner;
  {
    std::lock_guard lock(tables_->mutex_);
    tables_->commands_.emplace(row.id, Tables::Waiting{row, {}});
    owner = tables_->owners_.at(row.id.shard());
  }
  if (!owner.empty()) tables_->wake(owner);
}

std::vector<engine::CommandRow> MemoryStore::read_commands(const std::vector<engine::ShardId>& shards,
                                                           std::optional<engine::SagaId> after,
                                                           std::uint32_t count_max) {
  std::lock_guard lock(tables_->mutex_);
  std::vector<engine::CommandRow> out;
  const auto& all = tables_->commands_;
  for (auto it = after ? all.upper_bound(*after) : all.begin(); it != all.end() && out.size() < count_max;
       ++it) {
    const bool ours = std::find(shards.begin(), shards.end(), it->first.shard()) != shards.end();
    if (ours && !it->second.done) out.push_back(it->second.row);
  }
  return out;
}

std::vector<engine::CommandDone> MemoryStore::find_done(const std::vector<engine::SagaId>& commands) {
  std::lock_guard lock(tables_->mutex_);
  std::vector<engine::CommandDone> out;
  for (const engine::SagaId& id : commands)
    if (const auto found = tables_->commands_.find(id);
        found != tables_->commands_.end() && found->second.done)
      out.push_back(*found->second.done);
  return out;
}

std::vector<engine::SagaRow> MemoryStore::find_sagas(const std::vector<engine::SagaId>& sagas) {
  std::lock_guard lock(tables_->mutex_);
  std::vector<engine::SagaRow> out;
  for (const engine::SagaId& id : sagas)
    if (const auto found = tables_->sagas_.find(id); found != tables_->sagas_.end())
      out.push_back(found->second);
  return out;
}

void MemoryStore::on_wake(std::function<void()> wake) {
  std::lock_guard lock(tables_->mutex_);
  tables_->wakes_[engine_] = std::move(wake);
}

}  // namespace amends::memory
