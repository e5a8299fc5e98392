// Between the daemon's threads and a stderr that may not be read: lines go out from a thread of its own, and
// when nobody takes them the oldest are dropped and counted.
#pragma once
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace amends::daemon {

// Any thread, except close: once, from the owner.
class LogQueue {
 public:
  struct Options {
    std::size_t lines_max = 8'192;
    std::size_t bytes_max = 4 << 20;
  };
  // `dropped_line` writes the line that tells of a gap, with its newline, from the count of lines dropped.
  // Makes a thread: block signals first. Throws std::system_error when there is none to be had.
  LogQueue(int file, Options options, std::function<std::string(std::uint64_t)> dropped_line);
  ~LogQueue();  // close(1s)
  LogQueue(const LogQueue&) = delete;
  LogQueue& operator=(const LogQueue&) = delete;

  // Never waits for the reader of `file`.
  void add(std::string line);
  // True once everything added before is written; false when that takes longer than `limit`.
  bool drain(std::chrono::milliseconds limit);
  // Drains, then lets the thread go; one that is stuck in a write is left to the end of the process.
  void close(std::chrono::milliseconds limit);
  std::uint64_t dropped() const;
  // For a signal handler: only waits, for what other threads have added, and takes no lock.
  void await_drained_in_handler(std::chrono::milliseconds limit) const noexcept;

 private:
  struct Shared;
  static void work(const std::shared_ptr<Shared>& shared);

  // A thread stuck in a write may outlive the queue.
  std::shared_ptr<Shared> shared_;
  std::thread thread_;
};

}  // namespace amends::daemon
