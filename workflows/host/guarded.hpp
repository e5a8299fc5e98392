// Author code may throw anything; nothing of it passes the host.
#pragma once
#include <exception>
#include <optional>
#include <string>

#include "engine/base/text.hpp"

namespace amends::engine {

inline constexpr std::size_t sentence_bytes_max = 1024;

// What author code said, made harmless for logs and terminals.
inline std::string clean_sentence(std::string_view text) {
  return shorten(escape_controls(text), sentence_bytes_max);
}

// Runs author code; returns what it threw as the rest of a sentence.
template <class Call>
std::optional<std::string> guarded(Call call) {
  try {
    call();
    return std::nullopt;
  } catch (const std::exception& error) {
    const char* what = error.what();
    return clean_sentence(what != nullptr ? what : "a std::exception without a text");
  } catch (...) {
    return "something was thrown that is not a std::exception";
  }
}

}  // namespace amends::engine
