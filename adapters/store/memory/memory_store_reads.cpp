#include <algorithm>

#include "adapters/store/memory/memory_store.hpp"

namespace amends::memory {
namespace {

using engine::SagaId;

bool matches(const engine::SagaRow& row, const engine::SagaFilter& filter) {
  return (filter.workflow.empty() || row.workflow == filter.workflow) &&
         (filter.state.empty() || row.state == filter.state) &&
         (filter.key.empty() || row.key == filter.key) &&
         (!filter.created_since || row.created_at >= *filter.created_since) &&
         (!filter.created_before || row.created_at < *filter.created_before);
}

}  // namespace

std::optional<engine::SagaRow> MemoryStore::find_saga(const SagaId& id) {
  std::lock_guard lock(tables_->mutex_);
  check_settled_locked();
  const auto found = tables_->sagas_.find(id);
  return found == tables_->sagas_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<engine::JournalRow> MemoryStore::read_journal(const SagaId& id, std::uint32_t after_seq,
                                                          std::uint32_t count_max) {
  std::lock_guard lock(tables_->mutex_);
  check_settled_locked();
  std::vector<engine::JournalRow> out;
  const auto rows = tables_->journal_.find(id);
  if (rows == tables_->journal_.end()) return out;
  for (auto it = rows->second.upper_bound(after_seq); it != rows->second.end(); ++it) {
    if (out.size() == count_max) break;
    out.push_back(it->second);
  }
  return out;
}

std::vector<engine::Tag> MemoryStore::read_tags(const SagaId& id) {
  std::lock_guard lock(tables_->mutex_);
  check_settled_locked();
  std::vector<engine::Tag> out;
  if (const auto tags = tables_->tags_.find(id); tags != tables_->tags_.end()) {
    for (const auto& [name, value] : tags->second) out.push_back({name, value});
  }
  return out;
}

engine::SagaPage MemoryStore::list(const engine::SagaFilter& filter, std::optional<SagaId> before,
                                   std::uint32_t count_max) {
  std::lock_guard lock(tables_->mutex_);
  check_settled_locked();
  engine::SagaPage page;
  const auto& sagas = tables_->sagas_;
  const auto has_tags = [&](const SagaId& id) {
    const auto tags = tables_->tags_.find(id);
    return std::all_of(filter.tags.begin(), filter.tags.end(), [&](const engine::Tag& wanted) {
      if (tags == tables_->tags_.end()) return false;
      const auto tag = tags->second.find(wanted.name);
      return tag != tags->second.end() && tag->second == wanted.value;
    });
  };
  for (auto it = before ? sagas.lower_bound(*before) : sagas.end(); it != sagas.begin();) {
    --it;
    if (!matches(it->second, filter) || !has_tags(it->first)) continue;
    if (page.rows.size() == count_max) {
      if (!page.rows.empty()) page.more = page.rows.back().id;
      break;
    }
    page.rows.push_back(it->second);
  }
  return page;
}

std::optional<SagaId> MemoryStore::find_start_key(std::string_view workflow, std::string_view key) {
  std::lock_guard lock(tables_->mutex_);
  check_settled_locked();
  const auto found = tables_->keys_.find({std::string(workflow), std::string(key)});
  return found == tables_->keys_.end() ? std::nullopt : std::optional(found->second.saga);
}

std::vector<engine::PlanRow> MemoryStore::plans() {
  std::lock_guard lock(tables_->mutex_);
  check_settled_locked();
  std::vector<engine::PlanRow> out;
  for (const auto& [id, plan] : tables_->plans_) out.push_back(plan);
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) {
    return std::tie(a.workflow, a.version) < std::tie(b.workflow, b.version);
  });
  return out;
}

std::vector<engine::StateCount> MemoryStore::counts() {
  std::lock_guard lock(tables_->mutex_);
  check_settled_locked();
  std::map<std::pair<std::string, std::string>, std::uint64_t> counted;
  for (const auto& [id, row] : tables_->sagas_) ++counted[{row.workflow, row.state}];
  std::vector<engine::StateCount> out;
  for (const auto& [names, count] : counted) out.push_back({names.first, names.second, count});
  return out;
}

}  // namespace amends::memory
