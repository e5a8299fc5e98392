// A directory that goes with the test; in memory where the machine has such a place.
#pragma once
#include <stdlib.h>

#include <filesystem>
#include <string>

namespace amends::test {

class ScratchDir {
 public:
  ScratchDir() {
    const bool has_shm = std::filesystem::is_directory("/dev/shm");
    const auto place = has_shm ? std::filesystem::path("/dev/shm") : std::filesystem::temp_directory_path();
    std::string name = (place / "amends-store-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ScratchDir(const ScratchDir&) = delete;
  ScratchDir& operator=(const ScratchDir&) = delete;
  ~ScratchDir() { std::filesystem::remove_all(path_); }

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

}  // namespace amends::test
