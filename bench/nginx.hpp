// A web server that answers every request at once: the other end of HTTP steps.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <filesystem>

namespace amends::bench {

// One nginx worker on a free loopback port, its files under `dir`. Stopped by the destructor. Throws
// std::runtime_error when nginx is not installed or does not come up.
class Nginx {
 public:
  explicit Nginx(const std::filesystem::path& dir);
  ~Nginx();
  Nginx(const Nginx&) = delete;
  Nginx& operator=(const Nginx&) = delete;

  std::uint16_t port() const { return port_; }

 private:
  pid_t pid_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace amends::bench
