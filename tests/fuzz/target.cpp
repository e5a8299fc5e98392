#include "tests/fuzz/target.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "engine/base/text.hpp"

namespace amends::fuzz {

void broken(const char* file, int line, std::string_view sentence) {
  std::fprintf(stderr, "%s:%d: broken: %.*s\n", file, line, static_cast<int>(sentence.size()),
               sentence.data());
  std::abort();
}

bool is_sentence(std::string_view text, std::size_t bytes_max) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  return text.size() <= bytes_max && engine::is_clean_utf8(text) &&
         std::none_of(text.begin(), text.end(), is_control);
}

}  // namespace amends::fuzz
