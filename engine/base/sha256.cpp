#include "engine/base/sha256.hpp"

#include <openssl/evp.h>

#include "engine/base/check.hpp"

namespace amends::engine {

Digest sha256(std::string_view bytes) {
  Digest out;
  unsigned size = 0;
  const int good = EVP_Digest(bytes.data(), bytes.size(), out.data(), &size, EVP_sha256(), nullptr);
  AMENDS_CHECK(good == 1 && size == out.size(), "OpenSSL refused a SHA-256");
  return out;
}

std::string hex(const Digest& digest) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  out.reserve(digest.size() * 2);
  for (const std::uint8_t b : digest) {
    out += digits[b >> 4];
    out += digits[b & 15];
  }
  return out;
}

std::uint16_t shard_of(std::string_view ordering_key, std::uint16_t shards) {
  std::string prefixed(8, '\0');
  for (int i = 0; i < 8; ++i)
    prefixed[i] = static_cast<char>(std::uint64_t{ordering_key.size()} >> (56 - 8 * i));
  prefixed += ordering_key;
  const Digest d = sha256(prefixed);
  const std::uint32_t first =
      std::uint32_t{d[0]} << 24 | std::uint32_t{d[1]} << 16 | std::uint32_t{d[2]} << 8 | d[3];
  return static_cast<std::uint16_t>(first % shards);
}

}  // namespace amends::engine
