// The file that says where the daemon serves, for as long as it does.
#pragma once
#include <string>

namespace amends::daemon {

// Nothing happens when the path is empty. One thread.
class ReadyFile {
 public:
  // Removes what a daemon that was killed has left: its address is stale.
  explicit ReadyFile(std::string path);
  ~ReadyFile();
  ReadyFile(const ReadyFile&) = delete;
  ReadyFile& operator=(const ReadyFile&) = delete;

  // Why a file at `path` could not be written, as one sentence; empty when it could.
  static std::string trouble_of(const std::string& path);
  // Whoever reads it sees it whole. The same sentence when it cannot be written.
  std::string write(const std::string& address) const;

 private:
  const std::string path_;
};

}  // namespace amends::daemon
