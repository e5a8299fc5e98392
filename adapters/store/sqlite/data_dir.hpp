// The directory that a store lives in: who may enter (0700, files 0600), and the one writer's lock.
#pragma once
#include <filesystem>
#include <string>

namespace amends::sqlite {

// Holds `flock` on DIR/lock until destroyed. The file stays; the kernel drops the lock with the process.
class DirLock {
 public:
  DirLock() = default;
  DirLock(DirLock&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  DirLock& operator=(DirLock&& other) noexcept;
  ~DirLock();

  // Returns what is wrong, empty when the lock is ours. Names the process that holds it.
  std::string take(const std::filesystem::path& dir);

 private:
  int fd_ = -1;
};

// Makes the directory (and its parents) if missing. Returns what is wrong, empty when it is there.
std::string ensure_dir(const std::filesystem::path& dir);

// Makes an empty file that only its owner may read, if missing; refuses a link. Returns what is wrong.
std::string ensure_file(const std::filesystem::path& file);

}  // namespace amends::sqlite
