// Reads choices, numbers and texts off the front of an input; at its end every choice is the first one.
#pragma once
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace amends::fuzz {

class Bytes {
 public:
  explicit Bytes(std::string_view input) : left_(input) {}

  bool over() const { return left_.empty(); }
  std::uint8_t byte() {
    if (left_.empty()) return 0;
    const auto out = static_cast<std::uint8_t>(left_.front());
    left_.remove_prefix(1);
    return out;
  }
  bool flag() { return (byte() & 1) != 0; }
  // One of 0 to n-1.
  std::size_t pick(std::size_t n) { return byte() % n; }
  std::uint64_t number() {
    std::uint64_t out = 0;
    for (int i = 0; i < 8; ++i) out = out << 8 | byte();
    return out;
  }
  // A number of one byte mostly, of eight sometimes: small ones are where things happen.
  std::uint64_t small_or_any() {
    const std::uint8_t first = byte();
    return first < 0xf0 ? first : number();
  }
  // At most 255 bytes.
  std::string text() { return std::string(take(byte())); }
  // Up to the next line end.
  std::string_view line() {
    const std::size_t end = std::min(left_.find('\n'), left_.size());
    const std::string_view out = take(end);
    take(1);
    return out;
  }
  std::string_view rest() { return take(left_.size()); }
  template <class T, std::size_t n>
  const T& one_of(const std::array<T, n>& all) {
    return all[pick(n)];
  }

 private:
  std::string_view take(std::size_t n) {
    const std::string_view out = left_.substr(0, n);
    left_.remove_prefix(out.size());
    return out;
  }

  std::string_view left_;
};

}  // namespace amends::fuzz
