#include "engine/base/saga_id.hpp"

#include "engine/base/check.hpp"

namespace amends::engine {

SagaId SagaId::make(WallTime at, std::uint16_t shard, std::uint64_t random) {
  AMENDS_CHECK(shard < shards_max, "a shard number has 12 bits");
  const auto ms = static_cast<std::uint64_t>(std::chrono::floor<Millis>(at).time_since_epoch().count());
  SagaId id;
  for (int i = 0; i < 6; ++i) id.bytes[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
  id.bytes[6] = static_cast<std::uint8_t>(0x70 | shard >> 8);
  id.bytes[7] = static_cast<std::uint8_t>(shard);
  for (int i = 0; i < 8; ++i) id.bytes[8 + i] = static_cast<std::uint8_t>(random >> (56 - 8 * i));
  id.bytes[8] = static_cast<std::uint8_t>(0x80 | (id.bytes[8] & 0x3f));
  return id;
}

std::optional<SagaId> SagaId::parse(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  SagaId id;
  std::size_t nibble = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (i == 8 || i == 13 || i == 18 || i == 23) {
      if (c != '-') return std::nullopt;
      continue;
    }
    std::uint8_t value;
    if (c >= '0' && c <= '9')
      value = static_cast<std::uint8_t>(c - '0');
    else if (c >= 'a' && c <= 'f')
      value = static_cast<std::uint8_t>(c - 'a' + 10);
    else
      return std::nullopt;
    id.bytes[nibble / 2] = static_cast<std::uint8_t>(id.bytes[nibble / 2] << 4 | value);
    ++nibble;
  }
  const bool version_7 = (id.bytes[6] >> 4) == 7 && (id.bytes[8] >> 6) == 2;
  return version_7 ? std::optional(id) : std::nullopt;
}

std::string SagaId::text() const {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  out.reserve(36);
  for (std::size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    out += digits[bytes[i] >> 4];
    out += digits[bytes[i] & 15];
  }
  return out;
}

}  // namespace amends::engine
