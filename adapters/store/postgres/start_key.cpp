#include "adapters/store/postgres/start_key.hpp"

#include "adapters/store/postgres/params.hpp"
#include "engine/base/sha256.hpp"

namespace amends::postgres {

engine::ShardId key_shard(std::string_view workflow, std::string_view key, engine::ShardId shards) {
  Bytes text;
  for (const std::string_view part : {workflow, key}) {
    text.put(part.size(), 4);
    text.put(part);
  }
  const engine::Digest digest = engine::sha256(text.out());
  const std::uint32_t first = std::uint32_t{digest[0]} << 24 | std::uint32_t{digest[1]} << 16 |
                              std::uint32_t{digest[2]} << 8 | digest[3];
  return static_cast<engine::ShardId>(first % shards);
}

}  // namespace amends::postgres
