// SHA-256 (FIPS 180-4) by OpenSSL: start keys' bodies, plan fingerprints, the shard of a key.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace amends::engine {

using Digest = std::array<std::uint8_t, 32>;

Digest sha256(std::string_view bytes);
std::string hex(const Digest& digest);

// shard = first 4 bytes (big endian) of SHA-256 over the length-prefixed ordering key, modulo shards.
// The prefix is the key's length as 8 bytes, big endian. `shards` is 1 to shards_max.
std::uint16_t shard_of(std::string_view ordering_key, std::uint16_t shards);

}  // namespace amends::engine
