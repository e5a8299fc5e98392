// The simplest thing that is right: lists that are searched from end to end.
#pragma once
#include <algorithm>
#include <string>
#include <vector>

#include "engine/ports/store.hpp"

namespace amends::engine {

class Model {
 public:
  struct Saga {
    SagaRow row;
    std::vector<Tag> tags;
    std::vector<JournalRow> journal;

    void update(const SagaRow& to) {
      SagaRow changed = to;
      changed.plan_id = row.plan_id;
      changed.workflow = row.workflow;
      changed.key = row.key;
      changed.created_at = row.created_at;
      row = changed;
    }
  };
  struct Key {
    StartKey key;
    SagaId saga;
  };

  // What the port promises for this flush; afterwards the lists hold it.
  CommitResult commit(const Batch& batch, std::uint64_t epoch) {
    Model next = *this;
    ++next.commit_seq;
    CommitResult result;
    std::vector<SagaId> left_out;
    bool is_good = true;
    for (std::size_t i = 0; i < batch.starts.size(); ++i) {
      const NewSaga& start = batch.starts[i];
      if (const Key* held = start.key ? next.find_key(*start.key) : nullptr) {
        result.taken.push_back({i, held->saga, held->key.body_hash});
        left_out.push_back(start.row.id);
        continue;
      }
      is_good = is_good && next.find(start.row.id) == nullptr;
      next.sagas.push_back({start.row, start.tags, {}});
      if (start.key) next.keys.push_back({*start.key, start.row.id});
    }
    const auto is_left_out = [&](const SagaId& id) {
      return std::find(left_out.begin(), left_out.end(), id) != left_out.end();
    };
    for (const SagaRow& update : batch.updates) {
      if (is_left_out(update.id)) continue;
      Saga* saga = next.find(update.id);
      if (saga == nullptr) is_good = false;
      if (saga != nullptr) saga->update(update);
    }
    for (JournalRow row : batch.journal) {
      if (is_left_out(row.saga)) continue;
      row.epoch = epoch;
      row.commit_seq = next.commit_seq;
      is_good = is_good && next.add_journal(row);
    }
    if (!is_good) return {.status = CommitStatus::refused, .taken = {}, .error_class = "data", .error = {}};
    result.status = CommitStatus::committed;
    *this = std::move(next);
    return result;
  }

  void purge(WallTime now, WallTime ended_before) {
    std::erase_if(keys, [&](const Key& key) {
      const Saga* saga = find(key.saga);
      const bool long_over = saga == nullptr || (!saga->row.active && saga->row.updated_at < ended_before);
      return key.key.until <= now && long_over;
    });
  }

  void retire(WallTime ended_before) {
    std::erase_if(sagas,
                  [&](const Saga& saga) { return !saga.row.active && saga.row.updated_at < ended_before; });
  }

  Saga* find(const SagaId& id) {
    const auto found =
        std::find_if(sagas.begin(), sagas.end(), [&](const Saga& saga) { return saga.row.id == id; });
    return found == sagas.end() ? nullptr : &*found;
  }
  const Key* find_key(const StartKey& key) const {
    const auto found = std::find_if(keys.begin(), keys.end(), [&](const Key& held) {
      return held.key.workflow == key.workflow && held.key.key == key.key;
    });
    return found == keys.end() ? nullptr : &*found;
  }

  std::uint64_t commit_seq = 0;
  std::vector<Saga> sagas;
  std::vector<Key> keys;

 private:
  // False when the row is there already. Here a journal row without its saga is one too many: no test writes
  // it.
  bool add_journal(const JournalRow& row) {
    Saga* saga = find(row.saga);
    if (saga == nullptr) return false;
    const auto at = std::lower_bound(saga->journal.begin(), saga->journal.end(), row.seq,
                                     [](const JournalRow& one, std::uint32_t seq) { return one.seq < seq; });
    if (at != saga->journal.end() && at->seq == row.seq) return false;
    saga->journal.insert(at, row);
    return true;
  }
};

}  // namespace amends::engine
