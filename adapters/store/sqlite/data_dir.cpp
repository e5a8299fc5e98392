#include "adapters/store/sqlite/data_dir.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace amends::sqlite {
namespace {

std::string failure(const std::filesystem::path& what, int error) {
  return what.string() + ": " + std::generic_category().message(error);
}

std::string holder_of(int fd) {
  char pid[32] = {};
  const auto count = ::pread(fd, pid, sizeof pid - 1, 0);
  const std::string text(pid, count > 0 ? static_cast<std::size_t>(count) : 0);
  const auto digits = text.find_first_not_of("0123456789");
  return digits == 0 || text.empty() ? "another process" : "process " + text.substr(0, digits);
}

}  // namespace

DirLock& DirLock::operator=(DirLock&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

DirLock::~DirLock() {
  if (fd_ >= 0) ::close(fd_);
}

std::string DirLock::take(const std::filesystem::path& dir) {
  const auto file = dir / "lock";
  fd_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd_ < 0) return failure(file, errno);
  if (::flock(fd_, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return failure(file, errno);
    return "the store in " + dir.string() + " is in use by " + holder_of(fd_) + "; a store has one writer";
  }
  const std::string pid = std::to_string(::getpid()) + "\n";
  // The pid is for people: a disk too full to take it must not keep the daemon from starting.
  if (::ftruncate(fd_, 0) == 0) [[maybe_unused]]
    const auto written = ::pwrite(fd_, pid.data(), pid.size(), 0);
  return {};
}

std::string ensure_dir(const std::filesystem::path& dir) {
  std::error_code error;
  if (std::filesystem::is_directory(dir, error)) return {};
  const auto parent = dir.has_filename() ? dir.parent_path() : dir.parent_path().parent_path();
  if (!parent.empty()) std::filesystem::create_directories(parent, error);
  if (error) return "the data directory cannot be made: " + failure(parent, error.value());
  if (::mkdir(dir.c_str(), 0700) != 0 && errno != EEXIST)
    return "the data directory cannot be made: " + failure(dir, errno);
  if (!std::filesystem::is_directory(dir, error)) return dir.string() + " is not a directory";
  return {};
}

std::string ensure_file(const std::filesystem::path& file) {
  // O_EXCL, and closed before SQLite opens it: closing a second descriptor of a database drops SQLite's
  // locks.
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd >= 0) {
    ::close(fd);
    return {};
  }
  if (errno != EEXIST) return failure(file, errno);
  struct stat found {};
  if (::lstat(file.c_str(), &found) != 0) return failure(file, errno);
  return S_ISREG(found.st_mode) ? std::string() : file.string() + " is not a regular file";
}

}  // namespace amends::sqlite
