#include "engine/service/sharing.hpp"

#include <algorithm>

#include "engine/base/rfc3339.hpp"

namespace amends::engine {
namespace {

Json commands_view(const SharedCounts& counts, const CommandTrouble& trouble) {
  Json out{{"waiting", counts.waiting},
           {"refused", trouble.refused},
           {"latest_refused", Json::array()},
           {"unplanned", Json::array()}};
  if (counts.oldest_waits) out["oldest_waits_ms"] = counts.oldest_waits->count();
  for (const RefusedCommand& one : trouble.latest)
    out["latest_refused"].push_back({{"saga", one.saga.text()},
                                     {"command", one.kind},
                                     {"detail", one.sentence},
                                     {"at", rfc3339(one.at)}});
  for (const UnplannedStarts& one : trouble.unplanned) {
    out["unplanned"].push_back({{"workflow", one.workflow}, {"count", one.count}});
    if (one.version) out["unplanned"].back()["version"] = *one.version;
  }
  return out;
}

}  // namespace

std::uint32_t fair_share(const SharedCounts& counts) {
  const std::uint32_t engines = std::max(counts.alive, 1u);
  return (counts.shards + engines - 1) / engines;
}

Json engine_view(const EngineRow& row) {
  Json out{{"engine", row.engine_id},
           {"alive", row.alive},
           {"state", row.alive  ? "alive"
                     : row.left ? "left"
                                : "dead"},
           {"shards", row.shards},
           {"epoch", row.epoch},
           {"commit_seq", row.commit_seq},
           {"writes_since", rfc3339(row.taken_at)}};
  // The lease of one that left or was buried is over and gone.
  if (row.alive || row.lease_left != Millis(0)) {
    out["lease_until"] = rfc3339(row.lease_until);
    out["lease_left_ms"] = row.lease_left.count();
  }
  if (!row.alive) out["heard_at"] = rfc3339(row.heard_at);
  if (!row.address.empty()) out["address"] = row.address;
  if (!row.version.empty()) out["version"] = row.version;
  if (row.backend > 0) out["backend"] = row.backend;
  if (row.schema_newest > 0) out["schema"] = {{"oldest", row.schema_oldest}, {"newest", row.schema_newest}};
  return out;
}

Json shard_view(const ShardRow& row) {
  Json out{{"shard", row.shard}, {"live", row.live}};
  if (!row.engine_id.empty()) out["engine"] = row.engine_id;
  return out;
}

Json sharing_view(SharedStore& store) {
  const SharedCounts counts = store.shared_counts();
  Json out{{"shared", true},          {"engines", Json::array()},
           {"shards", Json::array()}, {"fair_share", fair_share(counts)},
           {"free", counts.free},     {"commands", commands_view(counts, store.command_trouble())}};
  for (const EngineRow& row : store.engines()) out["engines"].push_back(engine_view(row));
  for (const ShardRow& row : store.shards()) out["shards"].push_back(shard_view(row));
  return out;
}

Json alone_view(const std::string& engine_id) {
  Json out{{"shared", false}, {"engines", Json::array()}, {"shards", Json::array()}};
  if (engine_id.empty()) return out;
  out["engines"].push_back({{"engine", engine_id}, {"alive", true}, {"state", "alive"}, {"shards", 1}});
  out["shards"].push_back({{"shard", 0}, {"engine", engine_id}});
  return out;
}

}  // namespace amends::engine
