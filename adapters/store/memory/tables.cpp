#include "adapters/store/memory/tables.hpp"

namespace amends::memory {

using engine::SagaId;

void Tables::answer_commit(std::uint64_t nth, Answer answer) {
  std::lock_guard lock(mutex_);
  answers_[commits_ + nth] = answer;
}

std::string Tables::owner_of(engine::ShardId shard) const {
  std::lock_guard lock(mutex_);
  return owners_.at(shard);
}

void Tables::fail_take_overs(std::uint32_t count) {
  std::lock_guard lock(mutex_);
  failing_take_overs_ = count;
}

std::optional<Answer> Tables::next_answer_locked() {
  const auto found = answers_.find(++commits_);
  if (found == answers_.end()) return std::nullopt;
  const Answer answer = found->second;
  answers_.erase(found);
  return answer;
}

Tables::Verdict Tables::judge_locked(const engine::Batch& batch) const {
  Verdict verdict;
  std::map<Key, const engine::NewSaga*> claimed;
  std::set<SagaId> started;
  for (std::size_t i = 0; i < batch.starts.size(); ++i) {
    const auto& start = batch.starts[i];
    if (start.key) {
      const Key key{start.key->workflow, start.key->key};
      if (const auto held = keys_.find(key); held != keys_.end()) {
        verdict.taken.push_back({i, held->second.saga, held->second.body_hash});
        verdict.left_out.insert(start.row.id);
        continue;
      }
      const auto [first, is_new] = claimed.emplace(key, &start);
      if (!is_new) {
        verdict.taken.push_back({i, first->second->row.id, first->second->key->body_hash});
        verdict.left_out.insert(start.row.id);
        continue;
      }
    }
    std::set<std::string> names;
    for (const auto& tag : start.tags) {
      if (!names.insert(tag.name).second) verdict.error = "a tag is named twice";
    }
    if (start.row.id.shard() >= owners_.size()) verdict.error = "a saga id of a shard that is not there";
    if (sagas_.contains(start.row.id) || !started.insert(start.row.id).second) {
      verdict.error = "saga " + start.row.id.text() + " is in the store already";
    }
  }
  for (const auto& row : batch.updates) {
    const bool known =
        sagas_.contains(row.id) || started.contains(row.id) || verdict.left_out.contains(row.id);
    if (!known) verdict.error = "an update of saga " + row.id.text() + ", which is not in the store";
  }
  std::set<std::pair<SagaId, std::uint32_t>> rows;
  for (const auto& row : batch.journal) {
    if (verdict.left_out.contains(row.saga)) continue;
    const auto stored = journal_.find(row.saga);
    const bool is_new = rows.emplace(row.saga, row.seq).second;
    if (!is_new || (stored != journal_.end() && stored->second.contains(row.seq))) {
      verdict.error = "journal row " + std::to_string(row.seq) + " of saga " + row.saga.text() + " exists";
    }
  }
  return verdict;
}

void Tables::apply_locked(const engine::Batch& batch, const Verdict& verdict, WriterState& writer) {
  ++writer.commit_seq;
  for (const auto& done : batch.answered) {
    if (const auto asked = commands_.find(done.command); asked != commands_.end()) asked->second.done = done;
  }
  for (const auto& start : batch.starts) {
    if (verdict.left_out.contains(start.row.id)) continue;
    sagas_.emplace(start.row.id, start.row);
    if (start.key) {
      keys_.emplace(Key{start.key->workflow, start.key->key},
                    Claim{start.row.id, start.key->body_hash, start.key->until});
    }
    for (const auto& tag : start.tags) tags_[start.row.id].emplace(tag.name, tag.value);
  }
  for (const auto& update : batch.updates) {
    if (verdict.left_out.contains(update.id)) continue;
    engine::SagaRow& row = sagas_.at(update.id);
    row.state = update.state;
    row.step = update.step;
    row.error_class = update.error_class;
    row.seq = update.seq;
    row.active = update.active;
    row.wake_at = update.wake_at;
    row.updated_at = update.updated_at;
  }
  for (auto row : batch.journal) {
    if (verdict.left_out.contains(row.saga)) continue;
    row.epoch = writer.epoch;
    row.commit_seq = writer.commit_seq;
    journal_[row.saga].emplace(row.seq, std::move(row));
  }
}

}  // namespace amends::memory
