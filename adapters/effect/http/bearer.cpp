#include "adapters/effect/http/bearer.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>

namespace amends::http {
namespace {

constexpr std::size_t bearer_bytes_max = 8192;

std::optional<std::string> read_reference(const std::string& reference) {
  std::string value;
  if (reference.starts_with("env:")) {
    const char* found = std::getenv(reference.c_str() + 4);
    if (found != nullptr) value = found;
  } else {
    std::ifstream file(reference.substr(5), std::ios::binary);
    value.resize(bearer_bytes_max + 1);
    file.read(value.data(), static_cast<std::streamsize>(value.size()));
    value.resize(static_cast<std::size_t>(file.gcount()));
    while (!value.empty() && (value.back() == '\n' || value.back() == '\r')) value.pop_back();
  }
  const bool usable = !value.empty() && value.size() <= bearer_bytes_max &&
                      std::ranges::all_of(value, [](char c) { return c > 0x20 && c < 0x7f; });
  return usable ? std::optional(std::move(value)) : std::nullopt;
}

}  // namespace

const std::optional<std::string>& Bearer::find(engine::Elapsed now) {
  if (!read_at_ || now - *read_at_ > std::chrono::seconds(1)) {
    value_ = read_reference(reference_);
    read_at_ = now;
  }
  return value_;
}

}  // namespace amends::http
