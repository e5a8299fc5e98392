// What the service reads from the store.
#include <algorithm>

#include "engine/base/text.hpp"
#include "engine/service/preview.hpp"
#include "engine/service/service.hpp"
#include "engine/service/sharing.hpp"

namespace amends::engine {
namespace {

constexpr std::uint32_t page_rows = 1'000;

// A store that cannot be read is an answer like any other.
template <typename T, typename Read>
Answer<T> reading(Read read) {
  try {
    return read();
  } catch (const StoreUnavailable& down) {
    return {ServiceError::unavailable, "the store cannot be read now: " + down.error, {}};
  }
}

// "30d", as it was configured.
std::string spoken(Millis time) {
  struct Unit {
    std::int64_t millis;
    const char* name;
  };
  for (const Unit unit : {Unit{86'400'000, "d"}, Unit{3'600'000, "h"}, Unit{60'000, "m"}, Unit{1'000, "s"}})
    if (time.count() % unit.millis == 0) return std::to_string(time.count() / unit.millis) + unit.name;
  return std::to_string(time.count()) + "ms";
}

}  // namespace

// The id says when it was started: only one of before can have left.
std::string Service::absent(const SagaId& saga) const {
  std::string out = "there is no saga " + saga.text();
  if (finished_leave_after_ &&
      saga < SagaId::make(std::max(clock_.wall() - *finished_leave_after_, WallTime{}), saga.shard(), 0))
    out += "; if there was one, it has left: finished sagas leave " + spoken(*finished_leave_after_) +
           " after their end";
  return out;
}

Answer<SagaRow> Service::find_row(const SagaId& saga) {
  return reading<SagaRow>([&]() -> Answer<SagaRow> {
    if (auto row = store_.find_saga(saga)) return {ServiceError::none, {}, std::move(*row)};
    return {ServiceError::not_found, absent(saga), {}};
  });
}

Answer<StoredSaga> Service::find_saga(const SagaId& saga) {
  return reading<StoredSaga>([&]() -> Answer<StoredSaga> {
    StoredSaga out;
    while (true) {
      const std::uint32_t seq = out.journal.empty() ? 0 : out.journal.back().seq;
      auto page = store_.read_journal(saga, seq, page_rows);
      const bool last = page.size() < page_rows;
      std::move(page.begin(), page.end(), std::back_inserter(out.journal));
      if (last) break;
    }
    // The row after the journal: it may be ahead of what was read, never show less than a caller was told.
    auto row = store_.find_saga(saga);
    if (!row) return {ServiceError::not_found, absent(saga), {}};
    const std::uint32_t seq = out.journal.empty() ? 0 : out.journal.back().seq;
    auto rest = seq < row->seq ? store_.read_journal(saga, seq, page_rows) : std::vector<JournalRow>{};
    std::move(rest.begin(), rest.end(), std::back_inserter(out.journal));
    out.row = std::move(*row);
    out.tags = store_.read_tags(saga);
    out.graph = graph(out.row.plan_id);
    if (const auto plan = plans_.find(out.row.plan_id); plan != plans_.end()) out.plan = plan->second;
    out.read_at = clock_.wall();
    return {ServiceError::none, {}, std::move(out)};
  });
}

Answer<std::vector<JournalRow>> Service::journal(const SagaId& saga, std::uint32_t after_seq,
                                                 std::uint32_t count_max) {
  using Rows = std::vector<JournalRow>;
  return reading<Rows>([&]() -> Answer<Rows> {
    auto rows = store_.read_journal(saga, after_seq, std::min(count_max, page_rows));
    if (rows.empty() && !store_.find_saga(saga)) return {ServiceError::not_found, absent(saga), {}};
    return {ServiceError::none, {}, std::move(rows)};
  });
}

Answer<ListedPage> Service::list(const SagaFilter& filter, std::optional<SagaId> before,
                                 std::uint32_t count_max) {
  return reading<ListedPage>(
      [&] { return listed(store_.list(filter, before, std::clamp(count_max, 1u, list_max))); });
}

Answer<ListedPage> Service::list(const SagaIdRange& range, std::optional<SagaId> before,
                                 std::uint32_t count_max) {
  return reading<ListedPage>(
      [&] { return listed(page_within(range, store_, before, std::clamp(count_max, 1u, list_max))); });
}

Answer<ListedPage> Service::listed(SagaPage page) {
  ListedPage out{{}, page.more};
  std::map<std::string, Json> graphs;  // of plans that are not loaded, the store would be asked each time
  for (SagaRow& row : page.rows) {
    auto [known, fresh] = graphs.try_emplace(row.plan_id);
    if (fresh) known->second = graph(row.plan_id);
    out.sagas.push_back(at_present(std::move(row), store_, known->second));
  }
  return {ServiceError::none, {}, std::move(out)};
}

Answer<std::vector<StateCount>> Service::counts() {
  using Counts = std::vector<StateCount>;
  return reading<Counts>([&]() -> Answer<Counts> { return {ServiceError::none, {}, store_.counts()}; });
}

Answer<Json> Service::sharing() {
  if (!shared_) return {ServiceError::none, {}, alone_view(writers_.engine_id())};
  return reading<Json>([&]() -> Answer<Json> { return {ServiceError::none, {}, sharing_view(*shared_)}; });
}

Answer<Rollback> Service::rollback(const SagaId& saga) {
  const auto stored = find_saga(saga);
  if (!stored.ok()) return {stored.error, stored.sentence, {}};
  if (!stored.value.plan)
    return {ServiceError::unknown_version, stored.value.row.plan_id + " is not loaded", {}};
  return preview(stored.value);
}

// ---- plans -----------------------------------------------------------------------------------------------

std::vector<Workflow> Service::workflows() const {
  std::vector<Workflow> out;
  for (const PlanPtr& plan : catalog_.plans()) {
    const auto refused = writers_.refused_plans().find(plan->id());
    out.push_back({plan, refused == writers_.refused_plans().end() ? std::string() : refused->second});
  }
  return out;
}

Answer<Workflow> Service::workflow(std::string_view name, std::optional<std::uint32_t> version) const {
  const PlanPtr plan = catalog_.find_plan(name, version);
  const std::string shown = "'" + escape_controls(shorten(name, 64)) + "'";
  if (!plan && version && catalog_.find_plan(name, std::nullopt))
    return {ServiceError::unknown_version, "this version of workflow " + shown + " is not loaded", {}};
  if (!plan) return {ServiceError::unknown_workflow, "workflow " + shown + " is not loaded", {}};
  const auto refused = writers_.refused_plans().find(plan->id());
  return {ServiceError::none, {}, {plan, refused == writers_.refused_plans().end() ? "" : refused->second}};
}

Json Service::graph(const std::string& plan_id) {
  if (const auto known = graphs_.find(plan_id); known != graphs_.end()) return known->second;
  try {
    for (const PlanRow& row : store_.plans())
      if (row.plan_id == plan_id) return Json::parse(row.graph, nullptr, false);
  } catch (const StoreUnavailable&) {
    // The steps' names are missing then; what the journal says is not.
  }
  return nullptr;
}

}  // namespace amends::engine
