#include "adapters/store/memory/memory_store.hpp"

#include "engine/base/check.hpp"

namespace amends::memory {
namespace {

using engine::CommitResult;
using engine::CommitStatus;

CommitResult failed(CommitStatus status, std::string error_class, std::string error) {
  return {.status = status, .taken = {}, .error_class = std::move(error_class), .error = std::move(error)};
}

CommitResult fenced() {
  return failed(CommitStatus::fenced, "fenced", "another writer has taken the store over");
}

}  // namespace

engine::Opened MemoryStore::take_over(std::string_view, engine::WallTime) {
  std::lock_guard lock(tables_->mutex_);
  is_settled_ = false;
  if (tables_->failing_take_overs_ > 0) {
    --tables_->failing_take_overs_;
    return {std::nullopt, "io", "the take-over was told to fail"};
  }
  epoch_ = ++tables_->epoch_;
  is_settled_ = true;
  return {engine::Writer{epoch_, tables_->commit_seq_}, {}, {}};
}

CommitResult MemoryStore::in_doubt_locked() {
  is_settled_ = false;
  return failed(CommitStatus::unknown, "io", "it is not known whether the flush was written");
}

CommitResult MemoryStore::commit(const engine::Batch& batch) {
  std::lock_guard lock(tables_->mutex_);
  AMENDS_CHECK(is_settled_, "a commit on a store that was not taken over");
  const auto answer = tables_->next_answer_locked();
  if (epoch_ != tables_->epoch_) return fenced();
  if (answer) {
    switch (*answer) {
      case Answer::refused: return failed(CommitStatus::refused, "io", "the flush was told to be refused");
      case Answer::disk_full: return failed(CommitStatus::refused, "disk_full", "the flush was told so");
      case Answer::fenced: ++tables_->epoch_; return fenced();
      case Answer::unknown_lost: return in_doubt_locked();
      case Answer::unknown_landed: break;
    }
  }
  auto verdict = tables_->judge_locked(batch);
  if (!verdict.error.empty()) return failed(CommitStatus::refused, "data", std::move(verdict.error));
  tables_->apply_locked(batch, verdict);
  if (answer) return in_doubt_locked();
  return {
      .status = CommitStatus::committed, .taken = std::move(verdict.taken), .error_class = {}, .error = {}};
}

void MemoryStore::check_settled_locked() const {
  if (!is_settled_) {
    throw engine::StoreUnavailable{"io", "the store is being taken over; what it holds is not settled yet"};
  }
}

void MemoryStore::check_fence_locked() const {
  check_settled_locked();
  if (epoch_ != tables_->epoch_) {
    throw engine::StoreUnavailable{"fenced", "another writer has taken the store over"};
  }
}

std::vector<engine::PlanRow> MemoryStore::ensure_plans(const std::vector<engine::PlanRow>& plans) {
  std::lock_guard lock(tables_->mutex_);
  check_fence_locked();
  std::vector<engine::PlanRow> changed;
  for (const auto& plan : plans) {
    const auto& stored = tables_->plans_.emplace(plan.plan_id, plan).first->second;
    if (stored.shape != plan.shape) changed.push_back(plan);
  }
  return changed;
}

std::uint32_t MemoryStore::purge_start_keys(engine::WallTime now, std::uint32_t count_max) {
  std::lock_guard lock(tables_->mutex_);
  check_fence_locked();
  std::uint32_t purged = 0;
  for (auto it = tables_->keys_.begin(); it != tables_->keys_.end() && purged < count_max;) {
    const bool goes = it->second.until <= now && !tables_->is_live_locked(it->second.saga);
    it = goes ? (++purged, tables_->keys_.erase(it)) : std::next(it);
  }
  return purged;
}

std::vector<engine::SavedSaga> MemoryStore::load_live(engine::ShardId shard,
                                                      std::optional<engine::SagaId> after,
                                                      std::uint32_t count_max) {
  std::lock_guard lock(tables_->mutex_);
  check_settled_locked();
  std::vector<engine::SavedSaga> out;
  const auto& sagas = tables_->sagas_;
  for (auto it = after ? sagas.upper_bound(*after) : sagas.begin(); it != sagas.end(); ++it) {
    if (out.size() == count_max) break;
    if (!it->second.active || it->first.shard() != shard) continue;
    auto& saved = out.emplace_back(engine::SavedSaga{it->second, {}});
    if (const auto rows = tables_->journal_.find(it->first); rows != tables_->journal_.end()) {
      for (const auto& [seq, row] : rows->second) saved.journal.push_back(row);
    }
  }
  return out;
}

}  // namespace amends::memory
