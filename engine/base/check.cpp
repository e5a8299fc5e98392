#include "engine/base/check.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace amends::engine {

// Some sentences hold what came from outside, which may be long.
static constexpr std::size_t check_sentence_max = 1'000;

void check_failed(std::string_view sentence, const char* file, int line) {
  const std::size_t shown = std::min(sentence.size(), check_sentence_max);
  std::fprintf(stderr, "%s:%d: check failed: %.*s%s\n", file, line, static_cast<int>(shown), sentence.data(),
               shown < sentence.size() ? " ..." : "");
  std::abort();
}

}  // namespace amends::engine
