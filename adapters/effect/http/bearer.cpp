#include "adapters/effect/http/bearer.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace amends::http {
namespace {

constexpr std::size_t bearer_bytes_max = 8192;

// At most one byte more than a credential may have; empty when the file cannot be read.
std::string read_file(const char* path) {
  // O_NONBLOCK: the open of a FIFO that nobody writes would hold this loop, and every call on it, for ever.
  const int file = ::open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  if (file < 0) return {};
  std::string value;
  struct stat found {};
  if (::fstat(file, &found) == 0 && S_ISREG(found.st_mode)) {
    value.resize(bearer_bytes_max + 1);
    std::size_t filled = 0;
    for (ssize_t got; filled < value.size(); filled += static_cast<std::size_t>(got))
      if ((got = ::read(file, value.data() + filled, value.size() - filled)) <= 0) break;
    value.resize(filled);
  }
  ::close(file);
  return value;
}

std::optional<std::string> read_reference(const std::string& reference) {
  std::string value;
  if (reference.starts_with("env:")) {
    const char* found = std::getenv(reference.c_str() + 4);
    if (found != nullptr) value = found;
  } else {
    value = read_file(reference.c_str() + 5);
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
