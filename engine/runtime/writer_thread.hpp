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
#include "engine/ports/lease.hpp"
#include "engine/ports/store.hpp"
#include "engine/runtime/inbox.hpp"
#include "engine/runtime/shard.hpp"

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
    bool in_doubt = true;  // a commit is; else the engine was fenced
    WallTime until{};      // for LoadJob
  };
  // Reads back what may move at any time, or waits until then.
  struct LoadJob {
    WallTime until{};
  };
  // Reads them back, many at a time, between the other jobs.
  struct ReloadJob {
    std::vector<SagaId> sagas;
  };
  // Reads back what comes due, a page at a time, between the other jobs.
  struct LookJob {
    Shard::Look look;
  };
  // Forgets what the store keeps of earlier flushes.
  struct PurgeJob {};
  // ---- of a shared store ----
  struct TendJob {};
  // Reads their sagas back, a page at a time, between the other jobs.
  struct LoadShardsJob {
    std::vector<ShardId> shards;
    WallTime until{};
  };
  struct GiveUpJob {
    std::vector<ShardId> shards;
  };
  struct LeaveJob {};
  using Job = std::variant<CommitJob, TakeOverJob, LoadJob, ReloadJob, LookJob, PurgeJob, TendJob,
                           LoadShardsJob, GiveUpJob, LeaveJob>;

  // Extends the lease whenever the store has renewed it.
  WriterThread(std::string engine_id, Clock& clock, Store& store, Lease& lease, Inbox& inbox);
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
  void obey(const LookJob& job);
  void obey(const PurgeJob& job);
  // writer_loads.cpp
  struct Loading {
    ShardId shard = 0;
    WallTime until{};
    std::optional<SagaId> after = {};
    std::optional<DueAfter> due = {};  // what may move at any time is read; now those that come due
  };
  struct Looking {
    std::vector<DueAfter> after;
    WallTime until{};
  };
  bool has_pages() const { return !loading_.empty() || !wanted_.empty() || !looks_.empty(); }
  void read_page();
  bool load_page(Loading& one);
  void look_page(Looking& one);
  void reload_page();
  void forget_pages();
  // writer_shared.cpp
  void obey(const TendJob& job);
  void obey(const LoadShardsJob& job);
  void obey(const GiveUpJob& job);
  void obey(const LeaveJob& job);
  void break_off();
  // Tries until it succeeds; nothing when the thread is being stopped.
  std::optional<Writer> take_over();
  // False when the thread is being stopped.
  bool pause(Millis time);
  void report(WriterReport what) { inbox_.report(what); }

  const std::string engine_id_;
  Clock& clock_;
  Store& store_;
  SharedStore* const shared_;  // nothing when it is not
  Lease& lease_;
  Inbox& inbox_;

  // The thread's own. Until the next take-over nothing that was asked for before counts.
  bool broken_ = false;
  Millis term_{};  // of the lease
  std::deque<Loading> loading_;
  std::deque<Looking> looks_;
  std::deque<SagaId> wanted_;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> jobs_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace amends::engine
