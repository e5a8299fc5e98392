// A plugin's file, checked before anything of it runs.
#pragma once
#include <string>
#include <variant>

namespace amends::engine {

// An open file that closes itself.
class OpenFile {
 public:
  explicit OpenFile(int fd) : fd_(fd) {}
  OpenFile(OpenFile&& other) noexcept : fd_(other.release()) {}
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile();

  int fd() const { return fd_; }
  int release();

 private:
  int fd_;
};

struct Reason {
  std::string sentence;
};

// Opens `path` once and checks what was opened: an absolute path to a regular file (no symbolic link) that
// only its owner can write, owned by root or by this process's user, and a whole ELF shared object of this
// machine (the loader dies of SIGBUS on one that was cut off).
std::variant<OpenFile, Reason> open_plugin_file(const std::string& path);

}  // namespace amends::engine
