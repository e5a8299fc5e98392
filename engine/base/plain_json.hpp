// Canonical JSON text read where it stands, past the document in between, which costs more than all else that
// is done with it. Knows plain text only and gives up at anything else, where parse_json is asked: what it
// takes, parse_json takes too, and canonical() writes it as it stands.
#pragma once
#include <charconv>
#include <cstdint>
#include <string_view>

namespace amends::engine {

// Every function says whether it read what it was asked for; after a false one the reader is of no use.
class PlainReader {
 public:
  explicit PlainReader(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }
  bool take(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }
  // ASCII without escapes.
  bool string(std::string_view& out) {
    if (!take("\"")) return false;
    for (std::size_t i = 0; i < rest_.size(); ++i) {
      const auto c = static_cast<unsigned char>(rest_[i]);
      if (c == '"') {
        out = rest_.substr(0, i);
        rest_.remove_prefix(i + 1);
        return true;
      }
      if (c < 0x20 || c >= 0x80 || c == '\\') return false;
    }
    return false;
  }
  // What follows has to be looked at: a point would make it a fraction.
  bool integer(std::int64_t& out) {
    const std::size_t sign = rest_.starts_with('-') ? 1 : 0;
    const bool zero = rest_.substr(sign).starts_with('0');
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), out);
    if (error != std::errc{}) return false;
    const auto digits = static_cast<std::size_t>(end - rest_.data()) - sign;
    if (zero && (sign == 1 || digits > 1)) return false;
    rest_.remove_prefix(sign + digits);
    return true;
  }
  // Any value, as its text. Keys in order, each once.
  bool value(std::string_view& out) {
    const std::string_view from = rest_;
    if (!skip(0)) return false;
    out = from.substr(0, from.size() - rest_.size());
    return true;
  }

 private:
  static constexpr int depth_max = 32;

  bool skip(int depth) {
    if (rest_.empty() || depth > depth_max) return false;
    std::string_view text;
    std::int64_t number = 0;
    switch (rest_.front()) {
      case '"': return string(text);
      case '{': return skip_object(depth);
      case '[': return skip_array(depth);
      case 'n': return take("null");
      case 't': return take("true");
      case 'f': return take("false");
      default:
        return integer(number) &&
               (rest_.empty() || rest_.front() == ',' || rest_.front() == '}' || rest_.front() == ']');
    }
  }
  bool skip_object(int depth) {
    rest_.remove_prefix(1);
    if (take("}")) return true;
    std::string_view last, key;
    for (bool first = true;; first = false, last = key) {
      if (!string(key) || (!first && key <= last) || !take(":") || !skip(depth + 1)) return false;
      if (take("}")) return true;
      if (!take(",")) return false;
    }
  }
  bool skip_array(int depth) {
    rest_.remove_prefix(1);
    if (take("]")) return true;
    while (skip(depth + 1)) {
      if (take("]")) return true;
      if (!take(",")) return false;
    }
    return false;
  }

  std::string_view rest_;
};

}  // namespace amends::engine
