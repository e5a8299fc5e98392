#include "engine/service/sharing.hpp"

#include "engine/base/rfc3339.hpp"

namespace amends::engine {

Json engine_view(const EngineRow& row) {
  Json out{{"engine", row.engine_id},
           {"alive", row.alive},
           {"shards", row.shards},
           {"epoch", row.epoch},
           {"commit_seq", row.commit_seq},
           {"writes_since", rfc3339(row.taken_at)},
           {"lease_until", rfc3339(row.lease_until)}};
  if (!row.address.empty()) out["address"] = row.address;
  if (!row.version.empty()) out["version"] = row.version;
  return out;
}

Json shard_view(const ShardRow& row) {
  Json out{{"shard", row.shard}, {"live", row.live}};
  if (!row.engine_id.empty()) out["engine"] = row.engine_id;
  return out;
}

Json sharing_view(SharedStore& store) {
  Json out{{"engines", Json::array()}, {"shards", Json::array()}};
  for (const EngineRow& row : store.engines()) out["engines"].push_back(engine_view(row));
  for (const ShardRow& row : store.shards()) out["shards"].push_back(shard_view(row));
  return out;
}

}  // namespace amends::engine
