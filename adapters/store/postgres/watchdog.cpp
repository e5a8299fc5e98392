#include "adapters/store/postgres/watchdog.hpp"

#include <sys/socket.h>

namespace amends::postgres {

Watchdog::Watchdog(engine::Millis limit) : limit_(limit), thread_([this] { run(); }) {}

Watchdog::~Watchdog() {
  {
    std::lock_guard lock(mutex_);
    is_over_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

Watchdog::Watch::Watch(Watchdog& dog, int socket) : dog_(dog) {
  std::lock_guard lock(dog_.mutex_);
  wait_ = dog_.waits_.insert(dog_.waits_.end(), {socket, std::chrono::steady_clock::now() + dog_.limit_});
  // While another wait is looked after, the thread wakes before this one is due: a flush costs no wake-up.
  if (dog_.is_idle_) dog_.changed_.notify_all();
}

Watchdog::Watch::~Watch() {
  std::lock_guard lock(dog_.mutex_);
  dog_.waits_.erase(wait_);
}

void Watchdog::run() {
  std::unique_lock lock(mutex_);
  while (!is_over_) {
    if (waits_.empty()) {
      is_idle_ = true;
      changed_.wait(lock, [this] { return is_over_ || !waits_.empty(); });
      is_idle_ = false;
      continue;
    }
    const auto until = waits_.front().until;
    changed_.wait_until(lock, until, [this] { return is_over_; });
    const auto now = std::chrono::steady_clock::now();
    for (Watch::Wait& wait : waits_) {
      if (wait.until > now) break;
      // Not closed: the number must not go to another file while libpq still uses it.
      if (wait.socket >= 0) ::shutdown(wait.socket, SHUT_RDWR);
      wait.until = now + limit_;
    }
  }
}

}  // namespace amends::postgres
