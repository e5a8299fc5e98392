#include "apps/amendsd/rest/front/target.hpp"

#include <string>

#include "engine/base/text.hpp"

namespace amends::rest {
namespace {

Problem bad(const char* detail) {
  return {400, "bad-target", "Malformed request target", detail};
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The strict decoding: '%' and two hex digits. The router behind also knows %uXXXX, which must not reach it.
std::optional<std::string> decode(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size()) return std::nullopt;
    int high = hex_value(text[i + 1]), low = hex_value(text[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    out += static_cast<char>(high << 4 | low);
    i += 2;
  }
  return out;
}

bool has_control(std::string_view text) {
  for (unsigned char c : text)
    if (c < 0x20 || c == 0x7f) return true;
  return false;
}

std::size_t count_slashes(std::string_view text) {
  std::size_t n = 0;
  for (char c : text) n += c == '/';
  return n;
}

}  // namespace

std::optional<Problem> check_target(std::string_view target) {
  if (target.empty() || target.front() != '/') return bad("Only a target that starts with '/' is served.");
  for (unsigned char c : target)
    if (c <= 0x20 || c >= 0x7f || c == '#')
      return bad("The target holds a character that must be percent-encoded.");

  std::size_t question = target.find('?');
  std::string_view path = target.substr(0, question);
  auto decoded = decode(target);
  if (!decoded) return bad("'%' must be followed by two hexadecimal digits.");
  if (has_control(*decoded)) return bad("The target decodes to a control character.");
  if (!engine::is_clean_utf8(*decoded)) return bad("The target does not decode to UTF-8.");
  // An encoded slash would match another route than the one a proxy in front believed it let through.
  if (auto plain = decode(path); plain && count_slashes(*plain) != count_slashes(path))
    return bad("The path holds an encoded slash.");
  return std::nullopt;
}

}  // namespace amends::rest
