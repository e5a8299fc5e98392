#include "adapters/store/memory/memory_store.hpp"

#include "engine/base/buggify.hpp"
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

MemoryStore::~MemoryStore() {
  std::lock_guard lock(tables_->mutex_);
  const auto mine = tables_->writers_.find(engine_);
  if (mine == tables_->writers_.end() || mine->second.incarnation != this) return;
  mine->second.incarnation = nullptr;
  tables_->wakes_.erase(engine_);
}

bool MemoryStore::is_fenced_locked() const {
  return epoch_ != tables_->writers_[engine_].epoch;
}

engine::Opened MemoryStore::take_over(std::string_view engine_id, engine::WallTime now) {
  std::lock_guard lock(tables_->mutex_);
  const std::string engine = tables_->is_shared() ? std::string(engine_id) : std::string();
  Tables::WriterState& writer = tables_->writers_[engine];
  if (tables_->is_shared() && writer.incarnation && writer.incarnation != this && writer.lease_until >= now)
    return {std::nullopt, "twin",
            "another engine with the id '" + engine + "' is alive" +
                (writer.address.empty() ? "" : ", at " + writer.address)};
  engine_ = engine;
  is_settled_ = false;
  if (tables_->failing_take_overs_ > 0) {
    --tables_->failing_take_overs_;
    return {std::nullopt, "io", "the take-over was told to fail"};
  }
  epoch_ = ++writer.epoch;
  writer.incarnation = this;
  writer.taken_at = now;
  writer.lease_until = now + lease_;
  writer.left = false;
  writer.address = served_at_;
  tables_->now_ = std::max(tables_->now_, now);
  is_settled_ = true;
  return {engine::Writer{epoch_, writer.commit_seq}, {}, {}};
}

CommitResult MemoryStore::in_doubt_locked() {
  is_settled_ = false;
  return failed(CommitStatus::unknown, "io", "it is not known whether the flush was written");
}

CommitResult MemoryStore::commit(const engine::Batch& batch) {
  std::lock_guard lock(tables_->mutex_);
  AMENDS_CHECK(is_settled_, "a commit on a store that was not taken over");
  const auto answer = tables_->next_answer_locked();
  if (is_fenced_locked() && !AMENDS_PLANTED("fence_skipped")) return fenced();
  if (answer) {
    switch (*answer) {
      case Answer::refused: return failed(CommitStatus::refused, "io", "the flush was told to be refused");
      case Answer::disk_full: return failed(CommitStatus::refused, "disk_full", "the flush was told so");
      case Answer::fenced: ++writer_locked().epoch; return fenced();
      case Answer::unknown_lost: return in_doubt_locked();
      case Answer::unknown_landed: break;
    }
  }
  auto verdict = tables_->judge_locked(batch);
  if (!verdict.error.empty()) return failed(CommitStatus::refused, "data", std::move(verdict.error));
  tables_->apply_locked(batch, verdict, writer_locked());
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
  if (is_fenced_locked()) {
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

}  // namespace amends::memory
