// A store in memory whose commits do what a test says. Any thread.
#pragma once
#include <deque>
#include <map>
#include <mutex>

#include "engine/ports/store.hpp"

namespace amends::engine {

class ScriptedStore : public Store {
 public:
  enum class Fate { lands, refused, disk_full, fenced, lost, landed_unheard };

  // Of the next commits; afterwards they land.
  std::deque<Fate> fates;
  // A body with this text in it is refused as data.
  std::string poison;
  bool down = false;

  std::map<SagaId, SagaRow> sagas;
  std::map<SagaId, std::vector<JournalRow>> journal;
  std::map<std::pair<std::string, std::string>, std::pair<StartKey, SagaId>> keys;
  std::map<SagaId, std::vector<Tag>> tags;
  std::map<std::string, PlanRow> plan_rows;
  std::uint64_t epoch = 0, commit_seq = 0;
  std::size_t commits = 0, rows_max = 0;
  mutable std::mutex mutex;

  Opened take_over(std::string_view, WallTime) override {
    std::lock_guard lock(mutex);
    if (down) return {std::nullopt, "io", "the store is down"};
    return {Writer{++epoch, commit_seq}, {}, {}};
  }

  CommitResult commit(const Batch& batch) override {
    std::lock_guard lock(mutex);
    ++commits;
    const Fate fate = fates.empty() ? Fate::lands : fates.front();
    if (!fates.empty()) fates.pop_front();
    switch (fate) {
      case Fate::refused: return {CommitStatus::refused, {}, "io", "no"};
      case Fate::disk_full: return {CommitStatus::refused, {}, "disk_full", "no room"};
      case Fate::fenced: return {CommitStatus::fenced, {}, "fenced", "taken over"};
      case Fate::lost: return {CommitStatus::unknown, {}, "io", "nobody knows"};
      case Fate::landed_unheard: write(batch); return {CommitStatus::unknown, {}, "io", "nobody knows"};
      case Fate::lands: break;
    }
    if (!poison.empty())
      for (const JournalRow& row : batch.journal)
        if (row.body.find(poison) != std::string::npos) return {CommitStatus::refused, {}, "data", "poison"};
    return write(batch);
  }

  std::vector<PlanRow> ensure_plans(const std::vector<PlanRow>& plans) override {
    std::vector<PlanRow> differ;
    for (const PlanRow& plan : plans)
      if (const auto [it, fresh] = plan_rows.emplace(plan.plan_id, plan); it->second.shape != plan.shape)
        differ.push_back(it->second);
    return differ;
  }

  std::vector<SavedSaga> load_live(ShardId shard, std::optional<SagaId> after,
                                   std::uint32_t count_max) override {
    std::lock_guard lock(mutex);
    std::vector<SavedSaga> out;
    for (auto it = after ? sagas.upper_bound(*after) : sagas.begin(); it != sagas.end(); ++it)
      if (it->second.active && !it->second.wake_at && it->second.state != "needs_operator" &&
          it->first.shard() == shard && out.size() < count_max)
        out.push_back({it->second, journal[it->first]});
    return out;
  }

  std::vector<SavedSaga> load_due(const std::vector<DueAfter>& after, WallTime until,
                                  std::uint32_t count_max) override {
    std::lock_guard lock(mutex);
    std::map<std::pair<WallTime, SagaId>, SagaId> due;
    for (const auto& [id, row] : sagas)
      if (row.wake_at && *row.wake_at <= until) due[{*row.wake_at, id}] = id;
    std::vector<SavedSaga> out;
    for (const DueAfter& from : after)
      for (auto it = due.upper_bound({from.wake_at, from.saga}); it != due.end() && out.size() < count_max;
           ++it)
        out.push_back({sagas[it->second], journal[it->second]});
    return out;
  }
  std::vector<SavedSaga> load_sagas(const std::vector<SagaId>& ids) override {
    std::lock_guard lock(mutex);
    std::vector<SavedSaga> out;
    for (const SagaId& id : ids)
      if (sagas.contains(id) && sagas[id].active) out.push_back({sagas[id], journal[id]});
    return out;
  }

  std::optional<SagaRow> find_saga(const SagaId& id) override {
    std::lock_guard lock(mutex);
    const auto it = sagas.find(id);
    return it == sagas.end() ? std::nullopt : std::optional(it->second);
  }
  std::vector<JournalRow> read_journal(const SagaId& id, std::uint32_t after, std::uint32_t count) override {
    std::lock_guard lock(mutex);
    std::vector<JournalRow> out;
    for (const JournalRow& row : journal[id])
      if (row.seq > after && out.size() < count) out.push_back(row);
    return out;
  }
  std::vector<Tag> read_tags(const SagaId& id) override { return tags[id]; }
  SagaPage list(const SagaFilter&, std::optional<SagaId>, std::uint32_t) override { return {}; }
  std::optional<SagaId> find_start_key(std::string_view workflow, std::string_view key) override {
    const auto it = keys.find({std::string(workflow), std::string(key)});
    return it == keys.end() ? std::nullopt : std::optional(it->second.second);
  }
  std::vector<PlanRow> plans() override { return {}; }
  std::vector<StateCount> counts() override { return {}; }
  Sleepers count_sleepers(const std::vector<ShardId>&, WallTime until) override {
    std::lock_guard lock(mutex);
    Sleepers out;
    for (const auto& [id, row] : sagas) {
      out.waiting += row.wake_at && *row.wake_at > until;
      out.parked += row.active && !row.wake_at && row.state == "needs_operator";
    }
    return out;
  }

 private:
  CommitResult write(const Batch& batch) {
    CommitResult out{CommitStatus::committed, {}, {}, {}};
    std::map<SagaId, bool> dropped;
    ++commit_seq;
    rows_max = std::max(rows_max, batch.journal.size());
    for (std::size_t i = 0; i < batch.starts.size(); ++i) {
      const NewSaga& start = batch.starts[i];
      if (start.key) {
        const auto [it, fresh] =
            keys.try_emplace({start.key->workflow, start.key->key}, *start.key, start.row.id);
        if (!fresh) {
          out.taken.push_back({i, it->second.second, it->second.first.body_hash});
          dropped[start.row.id] = true;
          continue;
        }
      }
      sagas[start.row.id] = start.row;
      tags[start.row.id] = start.tags;
    }
    for (const SagaRow& row : batch.updates)
      if (!dropped.contains(row.id)) sagas.at(row.id) = row;
    for (JournalRow row : batch.journal) {
      if (dropped.contains(row.saga)) continue;
      row.epoch = epoch;
      row.commit_seq = commit_seq;
      journal[row.saga].push_back(std::move(row));
    }
    return out;
  }
};

}  // namespace amends::engine
