#include "apps/amendsd/ready_file.hpp"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

namespace amends::daemon {
namespace {

std::string write_draft(const std::string& path, const std::string& text) {
  std::ofstream file(path + ".new", std::ios::trunc);
  file << text;
  if (file.flush()) return {};
  return "the ready file " + path + " cannot be written: " + std::strerror(errno);
}

}  // namespace

ReadyFile::ReadyFile(std::string path) : path_(std::move(path)) {
  if (!path_.empty()) ::unlink(path_.c_str());
}

ReadyFile::~ReadyFile() {
  if (!path_.empty()) ::unlink(path_.c_str());
}

std::string ReadyFile::trouble_of(const std::string& path) {
  if (path.empty()) return {};
  std::string out = write_draft(path, "");
  if (out.empty()) ::unlink((path + ".new").c_str());
  return out;
}

std::string ReadyFile::write(const std::string& address) const {
  if (path_.empty()) return {};
  std::string out = write_draft(path_, address + "\n");
  if (out.empty() && std::rename((path_ + ".new").c_str(), path_.c_str()) != 0)
    out = "the ready file " + path_ + " cannot be written: " + std::strerror(errno);
  return out;
}

}  // namespace amends::daemon
