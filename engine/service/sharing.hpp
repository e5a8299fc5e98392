// Who shares the store: engines and the shards that they own, as JSON for REST and the CLI.
#pragma once
#include "engine/base/json.hpp"
#include "engine/ports/shared_store.hpp"

namespace amends::engine {

Json engine_view(const EngineRow& row);
Json shard_view(const ShardRow& row);

// {"engines": [...], "shards": [...]}: one snapshot each. Throws StoreUnavailable.
Json sharing_view(SharedStore& store);

}  // namespace amends::engine
