// Assertions that stay on in production: stopping beats a wrong journal row.
#pragma once
#include <string_view>

namespace amends::engine {

// Prints the sentence with its place to stderr and aborts. Any thread.
[[noreturn]] void check_failed(std::string_view sentence, const char* file, int line);

}  // namespace amends::engine

// States what must hold here; `sentence` tells the reader of the crash what it means that it does not.
#define AMENDS_CHECK(condition, sentence) \
  ((condition) ? void(0) : ::amends::engine::check_failed((sentence), __FILE__, __LINE__))
