#include "engine/base/text.hpp"

#include <cstdint>
#include <cstring>

namespace amends::engine {
namespace {

// Length of the well-formed character at text[i], or 0.
std::size_t character_bytes(std::string_view text, std::size_t i) {
  const auto at = [&](std::size_t k) { return k < text.size() ? static_cast<std::uint8_t>(text[k]) : 0u; };
  const auto tail = [&](std::size_t k) { return (at(k) & 0xc0u) == 0x80u; };
  const unsigned c = at(i);
  if (c < 0x80) return 1;
  if (c >= 0xc2 && c <= 0xdf) return tail(i + 1) ? 2 : 0;
  if (c >= 0xe0 && c <= 0xef) {
    const unsigned d = at(i + 1);
    const bool good = tail(i + 1) && tail(i + 2) && !(c == 0xe0 && d < 0xa0) && !(c == 0xed && d > 0x9f);
    return good ? 3 : 0;
  }
  if (c >= 0xf0 && c <= 0xf4) {
    const unsigned d = at(i + 1);
    const bool good =
        tail(i + 1) && tail(i + 2) && tail(i + 3) && !(c == 0xf0 && d < 0x90) && !(c == 0xf4 && d > 0x8f);
    return good ? 4 : 0;
  }
  return 0;
}

void append_hex(std::string& out, unsigned byte) {
  static constexpr char digits[] = "0123456789abcdef";
  out += "\\x";
  out += digits[byte >> 4 & 15];
  out += digits[byte & 15];
}

// Characters that a terminal does not show but that turn, split or hide what stands beside them: zero-width
// and directional marks, line and paragraph separators, the byte order mark.
bool is_invisible(std::string_view character) {
  if (character.size() == 2) return character == "\xd8\x9c";
  if (character.size() != 3) return false;
  if (character == "\xef\xbb\xbf") return true;
  const auto last = static_cast<std::uint8_t>(character[2]);
  if (character.substr(0, 2) == "\xe2\x80")
    return (last >= 0x8b && last <= 0x8f) || (last >= 0xa8 && last <= 0xae);
  return character.substr(0, 2) == "\xe2\x81" && last >= 0xa0 && last <= 0xaf;
}

}  // namespace

bool is_clean_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    // Most text is plain: eight characters at a time, none of them NUL or beyond ASCII.
    if (std::uint64_t eight; i + sizeof eight <= text.size()) {
      std::memcpy(&eight, text.data() + i, sizeof eight);
      constexpr std::uint64_t ones = 0x0101010101010101, tops = ones << 7;
      if ((eight & tops) == 0 && ((eight - ones) & tops) == 0) {
        i += sizeof eight;
        continue;
      }
    }
    const std::size_t n = character_bytes(text, i);
    if (n == 0 || text[i] == '\0') return false;
    i += n;
  }
  return true;
}

std::string escape_controls(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const std::size_t n = character_bytes(text, i);
    const auto c = static_cast<std::uint8_t>(text[i]);
    const bool c1 = n == 2 && c == 0xc2 && static_cast<std::uint8_t>(text[i + 1]) < 0xa0;
    if (n == 0 || c < 0x20 || c == 0x7f) {
      append_hex(out, c);
      ++i;
    } else if (c1) {
      append_hex(out, static_cast<std::uint8_t>(text[i + 1]));
      i += 2;
    } else if (is_invisible(text.substr(i, n))) {
      for (std::size_t k = 0; k < n; ++k) append_hex(out, static_cast<std::uint8_t>(text[i + k]));
      i += n;
    } else {
      out.append(text.substr(i, n));
      i += n;
    }
  }
  return out;
}

std::string shorten(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return std::string(text);
  if (bytes_max < 3) return std::string(bytes_max, '.');
  std::size_t cut = bytes_max - 3;
  while (cut > 0 && (static_cast<std::uint8_t>(text[cut]) & 0xc0) == 0x80) --cut;
  return std::string(text.substr(0, cut)) + "...";
}

}  // namespace amends::engine
