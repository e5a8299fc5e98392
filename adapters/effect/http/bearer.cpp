#include "adapters/effect/http/bearer.hpp"

#include <algorithm>

#include "adapters/secret.hpp"

namespace amends::http {
namespace {

constexpr std::size_t bearer_bytes_max = 8192;

std::optional<std::string> read_reference(const std::string& reference) {
  std::string value = adapters::read_secret(reference, bearer_bytes_max);
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
