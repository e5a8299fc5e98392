// The one who calls the store's writing verbs: does the loop's jobs, and reports what became of them.
//
// Passive, as the shard is: each step is a few calls of the store, and where waiting would be the next thing
// to do, it says for how long. A thread sleeps that time, a simulation lets it pass.
#pragma once
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/ports/clock.hpp"
#include "engine/ports/lease.hpp"
#include "engine/ports/store.hpp"
#include "engine/runtime/inbox.hpp"
#include "engine/runtime/writer_jobs.hpp"

namespace amends::engine {

// One thread, on which it also reports.
class StoreWriter {
 public:
  using Report = std::function<void(WriterReport)>;

  // Extends the lease whenever the store has renewed it.
  StoreWriter(std::string engine_id, Clock& clock, Store& store, Lease& lease, Report report);

  // Each is one step, and returns how long to let pass before the next. A job that is not done then is gone
  // on with.
  Millis begin(const WriterJob& job);
  // Of the job that is not done, else a page of sagas to be read back.
  Millis go_on();
  // Whether the next step may be a job's first. Pages take turns with jobs, so that neither waits for all
  // others.
  bool takes_job() const { return !in_hand() && !(page_next_ && has_pages()); }
  // Whether there is something to go on with.
  bool has_work() const { return in_hand() || has_pages(); }

 private:
  void obey(const CommitJob& job);
  void obey(const TakeOverJob& job);
  void obey(const LoadJob& job);
  void obey(const ReloadJob& job);
  void obey(const LookJob& job);
  void obey(const PurgeJob& job);
  // store_writer_shared.cpp
  void obey(const TendJob& job);
  void obey(const LoadShardsJob& job);
  void obey(const GiveUpJob& job);
  void obey(const LeaveJob& job);
  void break_off();

  // store_writer_pages.cpp
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

  // What has to be done before any other job. Loading: of a store that is not shared, where nothing else
  // can go on before all is there.
  static constexpr Millis first_wait{20};     // between two tries to take the store over; then longer
  static constexpr Millis after_failure{50};  // before a store is asked again that has just failed
  struct TakingOver {
    std::vector<SagaId> doubtful = {};
    bool in_doubt = false;
    std::optional<Loading> load = {};  // what it interrupted
    Millis wait = first_wait;          // after the next failure
    std::optional<std::string> said = {};
  };
  using InHand = std::variant<std::monostate, TakingOver, Loading, TendJob, GiveUpJob>;
  bool in_hand() const { return in_hand_.index() != 0; }
  void go_on(std::monostate) {}
  void go_on(TakingOver one);
  void go_on(Loading one);
  void go_on(const TendJob& job) { obey(job); }
  void go_on(const GiveUpJob& job);
  void go_on_after(Millis pause, InHand what) {
    pause_ = pause;
    in_hand_ = std::move(what);
  }

  const std::string engine_id_;
  Clock& clock_;
  Store& store_;
  SharedStore* const shared_;  // nothing when it is not
  Lease& lease_;
  const Report report_;

  bool broken_ = false;  // until the next take-over nothing that was asked for before counts
  InHand in_hand_;
  Millis pause_{};  // after this step
  bool page_next_ = false;
  std::deque<Loading> loading_;
  std::deque<Looking> looks_;
  std::deque<SagaId> wanted_;
};

}  // namespace amends::engine
