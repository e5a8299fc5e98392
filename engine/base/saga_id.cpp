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

namespace {

bool is_dash_place(std::size_t i) {
  return i == 8 || i == 13 || i == 18 || i == 23;
}

// Fills the id's first nibbles; false when the text is not the beginning of an id's.
bool read_nibbles(std::string_view text, SagaId& id) {
  std::size_t nibble = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (is_dash_place(i)) {
      if (c != '-') return false;
      continue;
    }
    if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f')) return false;
    const int value = c <= '9' ? c - '0' : c - 'a' + 10;
    std::uint8_t& byte = id.bytes[nibble / 2];
    byte = static_cast<std::uint8_t>(nibble % 2 == 0 ? value << 4 | (byte & 0x0f) : (byte & 0xf0) | value);
    ++nibble;
  }
  return true;
}

}  // namespace

std::optional<SagaId> SagaId::parse(std::string_view text) {
  SagaId id;
  if (text.size() != 36 || !read_nibbles(text, id)) return std::nullopt;
  const bool version_7 = (id.bytes[6] >> 4) == 7 && (id.bytes[8] >> 6) == 2;
  return version_7 ? std::optional(id) : std::nullopt;
}

std::optional<SagaIdRange> id_range(std::string_view prefix) {
  SagaIdRange out;
  out.below.bytes.fill(0xff);
  const bool good = prefix.size() >= id_prefix_chars_min && prefix.size() < 36 &&
                    read_nibbles(prefix, out.from) && read_nibbles(prefix, out.below);
  if (!good) return std::nullopt;
  // The last id that begins like that is still inside.
  for (std::size_t i = out.below.bytes.size(); i-- > 0;)
    if (++out.below.bytes[i] != 0) return out;
  out.below.bytes.fill(0xff);  // all ones: no time is that late
  return out;
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
