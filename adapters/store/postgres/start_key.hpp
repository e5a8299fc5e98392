// Which shard a start key stands in.
#pragma once
#include <string_view>

#include "engine/base/saga_id.hpp"

namespace amends::postgres {

// The first 4 bytes (big endian) of the SHA-256 over workflow and key, each behind its length in 4 bytes (big
// endian), modulo the shards. amends.hash_shard() of schema_2.sql is the same in SQL.
engine::ShardId key_shard(std::string_view workflow, std::string_view key, engine::ShardId shards);

}  // namespace amends::postgres
