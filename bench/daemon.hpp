// amendsd as a process of its own, and what a benchmark asks of it.
#pragma once
#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <string>

namespace amends::bench {

struct DaemonSetting {
  std::filesystem::path programs, plugin;
  std::string store_url, engine_id = "bench";
  std::string endpoints;  // TOML tables
  unsigned writers = 1;
};

// Everything throws std::runtime_error with a sentence. Killed by the destructor.
class Daemon {
 public:
  // Serves when it returns. Its files and log lie under `dir`.
  Daemon(const DaemonSetting& setting, const std::filesystem::path& dir);
  ~Daemon();
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  const std::string& url() const { return url_; }
  std::uint64_t resident_bytes() const;
  void kill();

  // The status; `body` is JSON.
  long post(const std::string& path, const std::string& body) const;
  std::string get(const std::string& path) const;

 private:
  pid_t pid_ = -1;
  std::string url_;
};

// The bodies of a start, and of a batch of so many.
std::string start_of(const std::string& workflow);
std::string batch_of(const std::string& workflow, int count);

// Requests per second of wrk with so many connections that post `body` again and again; every answer must be
// of 2xx.
double post_load(const std::string& url, const std::string& body, int connections, double seconds,
                 const std::filesystem::path& dir);

// A listener that takes connections and never answers: an attempt that goes there stays in flight.
class Silence {
 public:
  Silence();
  ~Silence();
  std::uint16_t port() const { return port_; }
  // Waits for the next connection, at most so long; false when none came.
  bool wait(double seconds);

 private:
  int fd_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace amends::bench
