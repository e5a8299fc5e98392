// The short way from canonical JSON text to a durable value, past the document in between, which costs more
// than most step functions. It knows plain text only and gives up at anything else, where `decode` is asked:
// it never takes what `decode` would refuse, nor reads another value. Include amends/data.hpp instead.
#pragma once
#include <amends/codec.hpp>
#include <charconv>
#include <string_view>
#include <utility>

namespace amends::detail {

// Every function says whether it read what it was asked for; after a false one the reader is of no use.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }
  bool take(std::string_view text) {
    if (!rest_.starts_with(text)) return false;
    rest_.remove_prefix(text.size());
    return true;
  }

  // ASCII without escapes: what else a string may hold is left to the parser.
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

  template <Integer T>
  bool integer(T& out) {
    const std::size_t sign = rest_.starts_with('-') ? 1 : 0;
    const bool zero = rest_.substr(sign).starts_with('0');
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), out);
    if (error != std::errc{}) return false;
    const auto digits = static_cast<std::size_t>(end - rest_.data()) - sign;
    if (zero && (sign == 1 || digits > 1)) return false;
    rest_.remove_prefix(sign + digits);
    // More of it would make it a fraction.
    return rest_.empty() || rest_.front() == ',' || rest_.front() == ']' || rest_.front() == '}';
  }

  // A member that nobody reads; only one that is seen at a glance.
  bool skip() {
    std::string_view text;
    std::int64_t number = 0;
    if (rest_.starts_with('"')) return string(text);
    return take("null") || take("true") || take("false") || integer(number);
  }

 private:
  std::string_view rest_;
};

template <class T>
bool read(Reader& reader, T& value);

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;
template <class T>
inline constexpr bool is_vector = false;
template <class T>
inline constexpr bool is_vector<std::vector<T>> = true;

template <class T>
bool read_elements(Reader& reader, std::vector<T>& value) {
  value.clear();
  if (!reader.take("[")) return false;
  if (reader.take("]")) return true;
  do {
    T one{};
    if (!read(reader, one)) return false;
    value.push_back(std::move(one));
  } while (reader.take(","));
  return reader.take("]");
}

// All fields must be there: what may be absent, `decode` knows.
template <Durable T>
bool read_fields(Reader& reader, T& value) {
  std::uint64_t seen = 0, all = 0;
  std::size_t fields = 0;
  T::durable_fields(value, [&](std::string_view, auto&) { ++fields, all = all << 1 | 1; });
  if (fields > 64 || !reader.take("{")) return false;
  do {
    std::string_view name;
    if (!reader.string(name) || !reader.take(":")) return false;
    std::uint64_t bit = 1;
    bool known = false, good = true;
    T::durable_fields(value, [&](std::string_view field, auto& member) {
      if (!known && field == name) {
        known = true;
        seen |= bit;
        good = read(reader, member);
      }
      bit <<= 1;
    });
    if (!known) good = reader.skip();
    if (!good) return false;
  } while (reader.take(","));
  return reader.take("}") && seen == all;
}

template <class T>
bool read(Reader& reader, T& value) {
  if constexpr (std::same_as<T, bool>) {
    value = reader.take("true");
    return value || reader.take("false");
  } else if constexpr (Integer<T>) {
    return reader.integer(value);
  } else if constexpr (std::same_as<T, std::string>) {
    std::string_view text;
    const bool good = reader.string(text);
    value = text;
    return good;
  } else if constexpr (is_optional<T>) {
    value.reset();
    return reader.take("null") || read(reader, value.emplace());
  } else if constexpr (is_vector<T>) {
    return read_elements(reader, value);
  } else if constexpr (Durable<T> && !std::same_as<T, Nothing>) {
    return read_fields(reader, value);
  } else {
    return false;
  }
}

}  // namespace amends::detail

namespace amends {

// `value` from a text that nobody else may add members to or leave some out; members that T does not know
// are passed over. False says nothing: ask `decode`.
template <class T>
bool read_plain(std::string_view text, T& value) {
  detail::Reader reader(text);
  return detail::read(reader, value) && reader.at_end();
}

}  // namespace amends
