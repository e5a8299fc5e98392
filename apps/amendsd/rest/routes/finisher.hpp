// One thread for the tails of parked requests: the engine's thread says that a saga rests, and reading it
// back from the store must not hold that thread.
#pragma once
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace amends::rest {

class Finisher {
 public:
  Finisher();
  ~Finisher();  // runs what is queued, then ends
  Finisher(const Finisher&) = delete;
  Finisher& operator=(const Finisher&) = delete;

  // Any thread; does not block. `work` must not throw.
  void post(std::function<void()> work);

 private:
  void run();

  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<std::function<void()>> queue_;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace amends::rest
