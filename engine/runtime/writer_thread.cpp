#include "engine/runtime/writer_thread.hpp"

#include <utility>

#include "engine/runtime/thread_name.hpp"

namespace amends::engine {

WriterThread::WriterThread(std::string engine_id, Clock& clock, Store& store, Lease& lease, Inbox& inbox)
    : writer_(std::move(engine_id), clock, store, lease, [&inbox](WriterReport what) { inbox.report(what); }),
      thread_([this] { run(); }) {}

WriterThread::~WriterThread() {
  stop();
}

void WriterThread::post(WriterJob job) {
  {
    std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  wake_.notify_one();
}

void WriterThread::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void WriterThread::run() {
  name_this_thread("amends-writer");
  Millis pause{};
  std::unique_lock lock(mutex_);
  while (true) {
    if (pause > Millis(0)) wake_.wait_for(lock, pause, [this] { return stopping_; });
    wake_.wait(lock, [this] { return stopping_ || !jobs_.empty() || writer_.has_work(); });
    if (stopping_) return;
    if (jobs_.empty() || !writer_.takes_job()) {
      lock.unlock();
      pause = writer_.go_on();
    } else {
      const WriterJob job = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      pause = writer_.begin(job);
    }
    lock.lock();
  }
}

}  // namespace amends::engine
