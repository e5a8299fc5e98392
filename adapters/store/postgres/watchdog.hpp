// Cuts connections whose server does not answer: a stopped server process keeps its socket open, and no
// timeout of TCP or of the server itself ends the wait.
#pragma once
#include <condition_variable>
#include <list>
#include <mutex>
#include <thread>

#include "engine/base/time.hpp"

namespace amends::postgres {

// Any thread. Every wait has the same limit, so that the waits end in the order in which they began.
class Watchdog {
 public:
  explicit Watchdog(engine::Millis limit);
  ~Watchdog();
  Watchdog(const Watchdog&) = delete;
  Watchdog& operator=(const Watchdog&) = delete;

  // While it lives, the socket is shut down once the limit has passed.
  class Watch {
   public:
    Watch(Watchdog& dog, int socket);
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

   private:
    friend class Watchdog;
    struct Wait {
      int socket;
      std::chrono::steady_clock::time_point until;
    };
    Watchdog& dog_;
    std::list<Wait>::iterator wait_;
  };

 private:
  void run();

  const engine::Millis limit_;
  std::mutex mutex_;  // guards the rest
  std::condition_variable changed_;
  std::list<Watch::Wait> waits_;
  bool is_idle_ = false;
  bool is_over_ = false;
  std::thread thread_;
};

}  // namespace amends::postgres
