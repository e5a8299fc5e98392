// The thread of the store's writer, so that the loop decides while the disk syncs.
#pragma once
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>

#include "engine/runtime/store_writer.hpp"

namespace amends::engine {

// Reports into the inbox.
class WriterThread final : public WriterQueue {
 public:
  WriterThread(std::string engine_id, Clock& clock, Store& store, Lease& lease, Inbox& inbox);
  ~WriterThread() override;

  void post(WriterJob job) override;
  // Finishes the step in hand, leaves the rest, and joins.
  void stop();

 private:
  void run();

  StoreWriter writer_;  // the thread's own

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<WriterJob> jobs_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace amends::engine
