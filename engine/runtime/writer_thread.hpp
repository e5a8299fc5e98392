// The one thread that calls the store's writing verbs, so that the loop decides while the disk syncs.
#pragma once
#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <variant>
#include <vector>

#include "engine/ports/clock.hpp"
#include "engine/ports/store.hpp"
#include "engine/runtime/inbox.hpp"

namespace amends::engine {

// Reports into the inbox. post() from one thread.
class WriterThread {
 public:
  struct CommitJob {
    const Batch* batch;  // the shard keeps it until the report
  };
  // Takes the store over, however long that takes, then reads all live sagas back.
  struct TakeOverJob {
    std::vector<SagaId> doubtful;
  };
  struct LoadJob {};
  struct ReloadJob {
    SagaId saga;
  };
  // Forgets a few start keys whose time has passed; the rest another time.
  struct PurgeJob {};
  using Job = std::variant<CommitJob, TakeOverJob, LoadJob, ReloadJob, PurgeJob>;

  WriterThread(std::string engine_id, Clock& clock, Store& store, Inbox& inbox);
  ~WriterThread();

  void post(Job job);
  // Finishes the job in hand, leaves the rest, and joins.
  void stop();

 private:
  void run();
  void obey(const CommitJob& job);
  void obey(const TakeOverJob& job);
  void obey(const LoadJob& job);
  void obey(const ReloadJob& job);
  void obey(const PurgeJob& job);
  // Tries until it succeeds; nothing when the thread is being stopped.
  std::optional<Writer> take_over();
  // False when the thread is being stopped.
  bool pause(Millis time);
  void report(WriterReport what) { inbox_.report(what); }

  const std::string engine_id_;
  Clock& clock_;
  Store& store_;
  Inbox& inbox_;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> jobs_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace amends::engine
