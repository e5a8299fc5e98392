#include "apps/amendsd/whole_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace amends::daemon {
namespace {

bool write_all(int file, const std::string& text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const ssize_t wrote = ::write(file, text.data() + done, text.size() - done);
    if (wrote < 0 && errno != EINTR) return false;
    if (wrote > 0) done += static_cast<std::size_t>(wrote);
  }
  return true;
}

}  // namespace

std::string write_whole(const std::string& path, const std::string& text) {
  const std::string draft = path + ".new";
  const int file = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) return std::strerror(errno);
  // Synced before it is renamed: a power cut must not leave an empty file under the name.
  std::string trouble = write_all(file, text) && ::fdatasync(file) == 0 ? "" : std::strerror(errno);
  ::close(file);
  if (trouble.empty() && std::rename(draft.c_str(), path.c_str()) != 0) trouble = std::strerror(errno);
  return trouble;
}

}  // namespace amends::daemon
