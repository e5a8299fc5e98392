// The threads around a shard: one loop that decides, one writer that commits, a few that run authors'
// functions.
//
//     callers, adapters, workers --inbox--> loop (the shard) --batches--> writer (the store)
//
// Nothing else locks: the shard belongs to the loop, the store's writing verbs to the writer.
#pragma once
#include <atomic>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "engine/ports/catalog.hpp"
#include "engine/ports/clock.hpp"
#include "engine/ports/effect.hpp"
#include "engine/ports/lease.hpp"
#include "engine/ports/observer.hpp"
#include "engine/ports/preparer.hpp"
#include "engine/ports/shared_store.hpp"
#include "engine/ports/store.hpp"
#include "engine/runtime/callbacks.hpp"
#include "engine/runtime/inbox.hpp"
#include "engine/runtime/pace.hpp"
#include "engine/runtime/prepare_pool.hpp"
#include "engine/runtime/shard.hpp"
#include "engine/runtime/waiters.hpp"
#include "engine/runtime/writer_thread.hpp"

namespace amends::engine {

struct EngineOptions {
  std::string engine_id = "amends";
  ShardOptions shard;
  PrepareOptions prepare;
  std::size_t starts_waiting_max = 20'000;    // for the loop, and again for their commit
  std::size_t commands_waiting_max = 20'000;  // for their commit; beyond it they are answered unavailable
  std::size_t waits_max = 50'000;             // beyond it a wait's time is up at once
  Millis purge_every{60'000};                 // what is kept of earlier flushes is forgotten that often
};

class Engine final : private ReplySink {
 public:
  // What it refers to must outlive it. Adapters are found by their names.
  Engine(EngineOptions options, Clock& clock, Entropy& entropy, Store& store, const PlanCatalog& catalog,
         const Preparer& preparer, std::vector<EffectAdapter*> adapters, Observer& observer);
  ~Engine() override;

  // Takes the store over and reads back what may move; returns when starts are taken. An empty answer is
  // good, else it is one sentence, and the engine must not be used. A store that cannot be read is asked
  // until it can, so `give_up` is asked too, many times a second: true ends it.
  std::string open(const std::function<bool()>& give_up = {});
  // Plans, by id, whose shape differs from the one that the store knows under the same version, and plans
  // that name an endpoint which no adapter knows: one sentence each. Their sagas are set aside.
  // Immutable after open().
  const std::map<std::string, std::string>& refused_plans() const { return refused_plans_; }

  // Any thread. Each callback is called once, from the engine's own thread, where it must not block; or
  // before the call returns, when too many starts are waiting already, or the engine has stopped.
  void start(StartCall call, std::function<void(const StartReply&)> answer);
  void start(std::vector<PostedStart> batch);
  void command(CommandCall call, std::function<void(const CommandReply&)> answer);
  // Whether a saga that is `not_live` is over or was never there, the store knows. One that sleeps is found.
  void wait(SagaId saga, Elapsed until, std::function<void(WaitOutcome)> answer);

  // Takes no more starts, waits up to `limit` for attempts in flight, writes what there is to write, stops.
  // Safe twice.
  void stop(Millis limit);

  // After stop(): threads in an author's function that never came back, and still needs the preparer.
  std::size_t stuck_threads() const { return pool_ ? pool_->lost() : 0; }

  bool stopping() const { return stopping_; }
  // Starts are taken: it has read its sagas back, no commit is in doubt, and the store takes flushes. Any
  // thread.
  enum class Readiness : std::uint8_t { ready, not_ready, store_refuses, disk_full };
  Readiness readiness() const;
  bool ready() const { return readiness() == Readiness::ready; }
  // What open() found, also of what it left asleep in the store. Immutable after it.
  const Recovered& found() const { return found_; }
  // What it owns in a shared store: which commands it may decide. Shard 0 where the store is not shared. Any
  // thread.
  struct Owned {
    std::vector<ShardId> ours, loading, leaving;
    std::uint32_t engines = 1;  // that share the store, as far as known
  };
  std::shared_ptr<const Owned> owned() const;
  // Called when the store may hold something new: a hint, from a thread of the store's. Replaces the one
  // before; none is called any more once stop() was.
  void on_wake(std::function<void()> wake);
  // Another engine has taken the store; the process should end. Never of a shared one.
  bool fenced() const { return fenced_; }
  const EngineOptions& options() const { return options_; }

 private:
  void deliver(std::vector<Answered> answers) override;
  const EndpointFacts* find_endpoint(std::string_view adapter, std::string_view endpoint) const;
  void refuse_homeless(std::vector<PlanPtr>& plans);
  void run();
  void turn(InboxItems& items, Now now);
  Now time() const { return {clock_.wall(), clock_.elapsed()}; }
  void look_for_reports();
  void take_reports(std::vector<WriterReport>& reports, Now now);
  void take(CommitReport& report, Now now);
  void take(StillDown& report, Now now);
  void take(TakenOver& report, Now now);
  void take(LoadedPage& report, Now now);
  void take(LoadedAll& report, Now now);
  void take(Reloaded& report, Now now);
  void take(LookedUp& report, Now now);
  void flush(Now now);
  void take_waits(std::vector<PostedWait>& waits);
  void doubt_unfit(Answered& answer) const;
  void dispatch(Outputs outputs);
  void hand_out(std::vector<Attempt> attempts);
  void answer_homeless(std::vector<Attempt> attempts);
  std::optional<Micros> wait_limit(Now now) const;
  bool finished(Now now, bool quiet);
  std::optional<WaitOutcome> look_for(const SagaId& saga);
  void opened_now();
  void count_sleepers();
  std::vector<Attempt> covered(std::vector<Attempt> attempts);

  // engine_shared.cpp
  void take(SharedOut& report, Now now);
  void take(TendFailed& report, Now now);
  void take(LoadedShard& report, Now now);
  void take(GivenUp& report, Now now);
  void take(Left& report, Now now);
  void reconcile(const Share& share, Now now);
  void give_away(const Share& share, Now now);
  void join_anew();
  void forget_shards();
  void tend_shards(Now now);
  void publish();
  bool has_left();
  void listen_for_hints();
  void answer_rest();

  const EngineOptions options_;
  Clock& clock_;
  Entropy& entropy_;
  Store& store_;
  const PlanCatalog& catalog_;
  const Preparer& preparer_;
  const std::vector<EffectAdapter*> adapters_;
  Observer& observer_;
  SharedStore* const shared_;  // nothing when it is not
  Lease lease_;                // that its attempts leave under
  std::map<std::string, std::string> refused_plans_;
  Recovered found_;
  WallTime found_until_{};  // who waits longer was not read back

  Inbox inbox_;
  std::atomic<std::size_t> starts_waiting_{0};
  std::atomic<bool> stopping_{false}, finishing_{false}, ready_{false}, fenced_{false};
  std::atomic<Readiness> writing_{Readiness::ready};  // ready, store_refuses or disk_full
  std::atomic<Elapsed::rep> finish_until_{0};

  // The loop's own.
  std::unique_ptr<Shard> shard_;
  std::unique_ptr<PreparePool> pool_;
  std::unique_ptr<WriterThread> writer_;
  Callbacks<StartReply> start_calls_;
  Callbacks<CommandReply> command_calls_;
  Waiters waiters_;
  std::uint32_t looked_ = 0;
  std::vector<WriterReport> reports_;
  Pace pace_;
  Elapsed landed_at_{};                // when the last flush was reported
  std::optional<Elapsed> wait_until_;  // rows are ready, and wait until then for others
  Elapsed purge_at_{};
  std::vector<Attempt> held_;  // until the lease is renewed

  // The loop's own, of a shared store.
  std::set<ShardId> giving_up_;  // dropped here; the store does not know yet
  Millis term_{5'000};           // of the lease
  Elapsed tend_at_{}, tended_at_{};
  bool tending_ = false, shared_out_ = false, leaving_ = false, left_asked_ = false, left_ = false;
  bool recheck_waits_ = false;
  std::uint32_t tends_failed_ = 0, engines_ = 1;

  // What hints of the store reach, which may come when the engine is gone.
  struct Hints {
    std::mutex mutex;
    std::function<void()> loop, other;
  };
  const std::shared_ptr<Hints> hints_ = std::make_shared<Hints>();
  std::atomic<bool> hinted_{false};
  mutable std::mutex owned_mutex_;
  std::shared_ptr<const Owned> owned_;
  bool opened_ = false;         // has been ready once
  std::promise<void> opening_;  // kept when it is
  std::thread loop_;
};

}  // namespace amends::engine
