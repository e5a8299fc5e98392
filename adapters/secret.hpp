// Secrets are kept outside of the configuration, which names where: "env:NAME" or "file:/path". They are read
// when they are needed, so that one can be changed while the daemon runs.
#pragma once
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

namespace amends::adapters {

// At most that many bytes and one more, which tells one that is too long; without line ends at its end. Empty
// when there is none, or no regular file. Never waits.
inline std::string read_secret(const std::string& reference, std::size_t bytes_max) {
  std::string value;
  if (reference.starts_with("env:")) {
    const char* found = std::getenv(reference.c_str() + 4);
    return found == nullptr ? value : found;
  }
  // O_NONBLOCK: the open of a FIFO that nobody writes would hold the thread, and every call on it, for ever.
  const int file = ::open(reference.c_str() + 5, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
  if (file < 0) return value;
  struct stat found {};
  if (::fstat(file, &found) == 0 && S_ISREG(found.st_mode)) {
    value.resize(bytes_max + 1);
    std::size_t filled = 0;
    for (ssize_t got; filled < value.size(); filled += static_cast<std::size_t>(got))
      if ((got = ::read(file, value.data() + filled, value.size() - filled)) <= 0) break;
    value.resize(filled);
  }
  ::close(file);
  while (!value.empty() && (value.back() == '\n' || value.back() == '\r')) value.pop_back();
  return value;
}

}  // namespace amends::adapters
