// A saga's id: UUIDv7 (RFC 9562, section 5.7) whose 12 bits `rand_a` are the shard, so that an id finds its
// shard.
#pragma once
#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/time.hpp"

namespace amends::engine {

// Below shards_max.
using ShardId = std::uint16_t;
inline constexpr ShardId shards_max = 4096;

struct SagaId {
  std::array<std::uint8_t, 16> bytes{};

  // `shard` below shards_max; of `random` the low 62 bits are used.
  static SagaId make(WallTime at, std::uint16_t shard, std::uint64_t random);
  // The lower-case 8-4-4-4-12 form; nothing when `text` is anything else or not version 7.
  static std::optional<SagaId> parse(std::string_view text);

  std::string text() const;
  std::uint16_t shard() const { return static_cast<std::uint16_t>((bytes[6] & 0x0f) << 8 | bytes[7]); }

  auto operator<=>(const SagaId&) const = default;
};

// The ids that begin alike, from `from` on and below `below`.
struct SagaIdRange {
  SagaId from, below;
};
inline constexpr std::size_t id_prefix_chars_min = 6;

// Of the first characters of the text form, at least id_prefix_chars_min and fewer than all; nothing when no
// id can begin like that.
std::optional<SagaIdRange> id_range(std::string_view prefix);

struct SagaIdHash {
  // The tail is random, so a slice of it is a hash.
  std::size_t operator()(const SagaId& id) const {
    std::size_t out;
    std::memcpy(&out, id.bytes.data() + 8, sizeof out);
    return out;
  }
};

}  // namespace amends::engine
