// Who shares the store: engines and the shards that they own, and what waits for them, as JSON for REST and
// the CLI.
#pragma once
#include <cstdint>
#include <string>

#include "engine/base/json.hpp"
#include "engine/ports/shared_store.hpp"

namespace amends::engine {

// So many shards to an engine: what each takes, and what it gives away above.
std::uint32_t fair_share(const SharedCounts& counts);

Json engine_view(const EngineRow& row);
Json shard_view(const ShardRow& row);

// {"shared": true, "engines": [...], "shards": [...], "fair_share": n, "free": n, "commands": {...}}: one
// snapshot each. Throws StoreUnavailable.
Json sharing_view(SharedStore& store);
// Of a store that this engine has alone: one engine, one shard; none of either where its id is not known.
Json alone_view(const std::string& engine_id);

}  // namespace amends::engine
