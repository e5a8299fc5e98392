// What people see of several engines over one set of tables.
#include <algorithm>

#include "adapters/store/memory/memory_store.hpp"
#include "engine/base/json.hpp"

namespace amends::memory {
namespace {

constexpr std::size_t latest_max = 3, unplanned_max = 10;
constexpr std::chrono::hours remembered{24};

// "workflow" and, where there is one, "version" of a start that waits.
std::optional<engine::UnplannedStarts> read_start(const std::string& body) {
  const engine::ParsedJson parsed = engine::parse_json(body);
  if (!parsed.ok() || !parsed.value.is_object()) return std::nullopt;
  const auto workflow = parsed.value.find("workflow"), version = parsed.value.find("version");
  if (workflow == parsed.value.end() || !workflow->is_string()) return std::nullopt;
  engine::UnplannedStarts out{workflow->get<std::string>(), std::nullopt, 1};
  if (version != parsed.value.end() && version->is_number_unsigned())
    out.version = version->get<std::uint32_t>();
  return out;
}

}  // namespace

void MemoryStore::introduce(const std::string& address) {
  std::lock_guard lock(tables_->mutex_);
  served_at_ = address;
}

std::vector<engine::EngineRow> MemoryStore::engines() {
  std::lock_guard lock(tables_->mutex_);
  const engine::WallTime now = tables_->now_;
  std::vector<engine::EngineRow> out;
  for (const auto& [id, writer] : tables_->writers_) {
    engine::EngineRow row;
    row.engine_id = id;
    row.address = writer.address;
    row.epoch = writer.epoch;
    row.commit_seq = writer.commit_seq;
    row.shards = static_cast<std::uint32_t>(tables_->owned_locked(id).size());
    row.taken_at = writer.taken_at;
    row.lease_until = writer.lease_until;
    row.alive = writer.lease_until >= now;
    row.left = writer.left;
    row.heard_at = std::max(writer.lease_until, writer.taken_at);
    row.lease_left = std::chrono::duration_cast<engine::Millis>(writer.lease_until - now);
    if (row.shards > 0 || row.heard_at > now - remembered) out.push_back(std::move(row));
  }
  return out;
}

std::vector<engine::ShardRow> MemoryStore::shards() {
  std::lock_guard lock(tables_->mutex_);
  std::vector<engine::ShardRow> out;
  for (std::size_t i = 0; i < tables_->owners_.size(); ++i)
    out.push_back({static_cast<engine::ShardId>(i), tables_->owners_[i], 0});
  for (const auto& [id, row] : tables_->sagas_)
    if (row.active) ++out[id.shard()].live;
  return out;
}

engine::SharedCounts MemoryStore::shared_counts() {
  engine::SharedCounts out;
  for (const engine::EngineRow& row : engines()) {
    out.alive += row.alive ? 1 : 0;
    out.dead += row.alive || row.left ? 0 : 1;
  }
  std::lock_guard lock(tables_->mutex_);
  out.shards = static_cast<std::uint32_t>(tables_->owners_.size());
  out.free = static_cast<std::uint32_t>(std::count(tables_->owners_.begin(), tables_->owners_.end(), ""));
  for (const auto& [id, waiting] : tables_->commands_) {
    if (waiting.done) continue;
    ++out.waiting;
    const auto waits = std::chrono::duration_cast<engine::Millis>(tables_->now_ - waiting.row.at);
    out.oldest_waits = std::max(out.oldest_waits.value_or(waits), waits);
  }
  return out;
}

engine::CommandTrouble MemoryStore::command_trouble() {
  std::lock_guard lock(tables_->mutex_);
  engine::CommandTrouble out;
  for (auto it = tables_->commands_.rbegin(); it != tables_->commands_.rend(); ++it) {
    const auto& [row, done] = it->second;
    if (done && done->verdict == "invalid" && ++out.refused <= latest_max)
      out.latest.push_back({row.saga, row.kind, done->sentence, row.at});
    if (done || row.kind != "start") continue;
    auto start = read_start(row.body);
    if (!start || tables_->is_planned_locked(*start)) continue;
    const auto known = std::find_if(out.unplanned.begin(), out.unplanned.end(), [&](const auto& one) {
      return one.workflow == start->workflow && one.version == start->version;
    });
    if (known != out.unplanned.end())
      ++known->count;
    else if (out.unplanned.size() < unplanned_max)
      out.unplanned.push_back(std::move(*start));
  }
  return out;
}

bool Tables::is_planned_locked(const engine::UnplannedStarts& start) const {
  return std::any_of(plans_.begin(), plans_.end(), [&](const auto& one) {
    return one.second.workflow == start.workflow &&
           start.version.value_or(one.second.version) == one.second.version;
  });
}

}  // namespace amends::memory
