// The thread that lets finished sagas leave.
#pragma once
#include <condition_variable>
#include <mutex>
#include <thread>

#include "engine/service/retiring.hpp"

namespace amends::engine {

// At work from construction until stop(); what it was given must outlive it.
class Retirement {
 public:
  Retirement(RetiringOptions options, Retention& store, std::function<std::vector<ShardId>()> owned,
             Archive* archive, Clock& clock, Observer& observer);
  ~Retirement();
  // Finishes the piece in hand. Safe twice.
  void stop();

 private:
  void run();

  Retiring retiring_;  // the thread's own
  std::mutex mutex_;   // guards the next
  bool stopping_ = false;
  std::condition_variable wake_;
  std::thread thread_;
};

}  // namespace amends::engine
