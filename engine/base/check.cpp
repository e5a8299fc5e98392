#include "engine/base/check.hpp"

#include <cstdio>
#include <cstdlib>

namespace amends::engine {

void check_failed(std::string_view sentence, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: check failed: %.*s\n", file, line, static_cast<int>(sentence.size()),
               sentence.data());
  std::abort();
}

}  // namespace amends::engine
