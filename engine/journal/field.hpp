// A field's name as it stands in an entry, comma and colon included: put together by the compiler.
#pragma once
#include <cstddef>
#include <string_view>

namespace amends::engine {

struct Field {
  template <std::size_t n>
  consteval Field(const char (&name)[n]) {  // NOLINT(google-explicit-constructor): names are written plainly
    static_assert(n + 3 <= sizeof bytes);
    std::size_t at = 0;
    bytes[at++] = ',';
    bytes[at++] = '"';
    for (std::size_t i = 0; i + 1 < n; ++i) bytes[at++] = name[i];
    bytes[at++] = '"';
    bytes[at++] = ':';
    size = at;
  }
  constexpr std::string_view text() const { return {bytes, size}; }

  char bytes[16] = {};
  std::size_t size = 0;
};

}  // namespace amends::engine
