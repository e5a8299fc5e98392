#include "apps/amendsd/log_queue.hpp"

#include <poll.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <utility>

namespace amends::daemon {

struct LogQueue::Shared {
  int file;
  Options options;
  std::function<std::string(std::uint64_t)> dropped_line;

  mutable std::mutex mutex;
  std::condition_variable added, written;
  // ---- guarded ----
  std::deque<std::string> lines;
  std::size_t bytes = 0;
  std::uint64_t dropped = 0, told = 0;
  bool writing = false, closing = false, finished = false;
  // ---- read by a signal handler ----
  std::atomic<bool> idle{true};
};

namespace {

// False when the file takes nothing more, for whatever reason: a log has nobody to complain to.
bool write_all(int file, const std::string& text) {
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t wrote = ::write(file, text.data() + done, text.size() - done);
    if (wrote > 0) {
      done += static_cast<std::size_t>(wrote);
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      // The terminal or pipe was made non-blocking by whoever shares it.
      pollfd room{file, POLLOUT, 0};
      ::poll(&room, 1, -1);
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

}  // namespace

LogQueue::LogQueue(int file, Options options, std::function<std::string(std::uint64_t)> dropped_line)
    : shared_(std::make_shared<Shared>()) {
  shared_->file = file;
  shared_->options = options;
  shared_->dropped_line = std::move(dropped_line);
  thread_ = std::thread([shared = shared_] { work(shared); });
}

LogQueue::~LogQueue() {
  close(std::chrono::seconds(1));
}

void LogQueue::add(std::string line) {
  Shared& s = *shared_;
  {
    std::lock_guard lock(s.mutex);
    s.bytes += line.size();
    s.lines.push_back(std::move(line));
    s.idle.store(false, std::memory_order_relaxed);
    // The newest line stays, however long it is: it says what happens now.
    while (s.lines.size() > 1 && (s.lines.size() > s.options.lines_max || s.bytes > s.options.bytes_max)) {
      s.bytes -= s.lines.front().size();
      s.lines.pop_front();
      ++s.dropped;
    }
  }
  s.added.notify_one();
}

void LogQueue::work(const std::shared_ptr<Shared>& shared) {
  Shared& s = *shared;
  std::unique_lock lock(s.mutex);
  for (;;) {
    s.added.wait(lock, [&] { return s.closing || !s.lines.empty(); });
    if (s.lines.empty()) break;
    // What was dropped is older than what is still here.
    std::string text;
    if (const std::uint64_t gap = s.dropped - s.told; gap > 0) text = s.dropped_line(gap);
    s.told = s.dropped;
    while (!s.lines.empty() && text.size() < 64 * 1024) {
      text += s.lines.front();
      s.bytes -= s.lines.front().size();
      s.lines.pop_front();
    }
    s.writing = true;
    lock.unlock();
    write_all(s.file, text);
    lock.lock();
    s.writing = false;
    s.idle.store(s.lines.empty(), std::memory_order_relaxed);
    s.written.notify_all();
  }
  s.finished = true;
  s.written.notify_all();
}

bool LogQueue::drain(std::chrono::milliseconds limit) {
  std::unique_lock lock(shared_->mutex);
  return shared_->written.wait_for(lock, limit, [&] { return shared_->lines.empty() && !shared_->writing; });
}

void LogQueue::close(std::chrono::milliseconds limit) {
  if (!thread_.joinable()) return;
  std::unique_lock lock(shared_->mutex);
  shared_->closing = true;
  shared_->added.notify_one();
  const bool finished = shared_->written.wait_for(lock, limit, [&] { return shared_->finished; });
  if (!finished) shared_->lines.clear();
  lock.unlock();
  if (finished)
    thread_.join();
  else
    thread_.detach();
}

std::uint64_t LogQueue::dropped() const {
  std::lock_guard lock(shared_->mutex);
  return shared_->dropped;
}

void LogQueue::await_drained_in_handler(std::chrono::milliseconds limit) const noexcept {
  for (auto waited = std::chrono::milliseconds(0);
       waited < limit && !shared_->idle.load(std::memory_order_relaxed); ++waited) {
    const timespec moment{0, 1'000'000};
    ::nanosleep(&moment, nullptr);
  }
}

}  // namespace amends::daemon
