#include "apps/amendsd/ready_file.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "apps/amendsd/whole_file.hpp"

namespace amends::daemon {

ReadyFile::ReadyFile(std::string path) : path_(std::move(path)) {
  if (!path_.empty()) ::unlink(path_.c_str());
}

ReadyFile::~ReadyFile() {
  if (!path_.empty()) ::unlink(path_.c_str());
}

std::string ReadyFile::trouble_of(const std::string& path) {
  if (path.empty()) return {};
  const std::string draft = path + ".new";
  if (std::ofstream(draft, std::ios::trunc)) return ::unlink(draft.c_str()), "";
  return "the ready file " + path + " cannot be written: " + std::strerror(errno);
}

std::string ReadyFile::write(const std::string& address) const {
  if (path_.empty()) return {};
  const std::string trouble = write_whole(path_, address + "\n");
  return trouble.empty() ? "" : "the ready file " + path_ + " cannot be written: " + trouble;
}

}  // namespace amends::daemon
