#include "adapters/archive/jsonl/jsonl_archive.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <system_error>
#include <thread>

#include "engine/base/rfc3339.hpp"

namespace amends::archive {
namespace {

namespace fs = std::filesystem;

constexpr auto lock_patience = std::chrono::milliseconds(500);

std::string failure(const fs::path& what, int error) {
  return what.string() + ": " + std::generic_category().message(error);
}

class File {
 public:
  File(const fs::path& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC | O_NOFOLLOW, 0600)) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  int fd() const { return fd_; }

 private:
  const int fd_;
};

// Another engine holds it for as long as one append takes. Not longer: the thread must be able to stop.
bool lock(int fd) {
  const auto until = std::chrono::steady_clock::now() + lock_patience;
  while (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if ((errno != EWOULDBLOCK && errno != EINTR) || std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

// What a crash left of a line must not run into the next one.
bool ends_with_a_line(int fd, off_t size) {
  char last = '\n';
  return size == 0 || (::pread(fd, &last, 1, size - 1) == 1 && last == '\n');
}

// A file that is new is not there after a power cut unless its folder was synced too.
bool sync(int fd, bool is_new, const fs::path& dir) {
  if (::fdatasync(fd) != 0) return false;
  if (!is_new) return true;
  const File folder(dir, O_RDONLY | O_DIRECTORY);
  return folder.fd() >= 0 && ::fsync(folder.fd()) == 0;
}

}  // namespace

std::string JsonlArchive::prepare() const {
  std::error_code error;
  if (!fs::is_directory(dir_, error) && ::mkdir(dir_.c_str(), 0700) != 0)
    return "the archive's directory cannot be made: " + failure(dir_, errno);
  const fs::path probe = dir_ / (".amends-" + std::to_string(::getpid()));
  const File file(probe, O_WRONLY | O_CREAT | O_EXCL);
  if (file.fd() < 0) return "the archive cannot be written: " + failure(dir_, errno);
  ::unlink(probe.c_str());
  return {};
}

std::string JsonlArchive::append(const std::vector<engine::EndedSaga>& sagas, engine::WallTime now) {
  std::string text;
  for (const engine::EndedSaga& saga : sagas) text += line_of(saga);
  const fs::path path = dir_ / (engine::rfc3339(now).substr(0, 10) + ".jsonl");
  const File file(path, O_RDWR | O_CREAT | O_APPEND);
  if (file.fd() < 0) return failure(path, errno);
  if (!lock(file.fd())) return path.string() + " is locked by another process";
  struct stat found {};
  if (::fstat(file.fd(), &found) != 0) return failure(path, errno);
  if (!S_ISREG(found.st_mode)) return path.string() + " is not a regular file";
  if (!ends_with_a_line(file.fd(), found.st_size)) text.insert(text.begin(), '\n');
  if (write_all(file.fd(), text) && sync(file.fd(), found.st_size == 0, dir_)) return {};
  const int why = errno;
  // Else every try would leave another copy.
  [[maybe_unused]] const int cut = ::ftruncate(file.fd(), found.st_size);
  return failure(path, why);
}

}  // namespace amends::archive
