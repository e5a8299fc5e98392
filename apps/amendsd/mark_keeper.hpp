// Keeps a store's mark in a file outside of it.
#pragma once
#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "engine/ports/inspection.hpp"
#include "engine/service/store_mark.hpp"

namespace amends::daemon {

// Nothing happens when the path is empty. What it was given must outlive it.
class MarkKeeper {
 public:
  MarkKeeper(std::string path, engine::Inspection& store);
  ~MarkKeeper();

  // Why the store must not be served: it is behind its mark, or the file is none of ours. Empty when it may.
  std::string trouble() const;
  // From now on the file follows the store, at most a second behind.
  void begin();
  // With a last look. Safe twice.
  void stop();

 private:
  void run();
  void look();

  const std::string path_;
  engine::Inspection& store_;
  std::string written_, said_;  // the thread's own
  std::mutex mutex_;            // guards the next
  bool stopping_ = false;
  std::condition_variable wake_;
  std::thread thread_;
};

}  // namespace amends::daemon
