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
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "engine/ports/catalog.hpp"
#include "engine/ports/clock.hpp"
#include "engine/ports/effect.hpp"
#include "engine/ports/observer.hpp"
#include "engine/ports/preparer.hpp"
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
  Millis purge_every{60'000};                 // start keys whose time has passed are forgotten that often
};

class Engine final : private ReplySink {
 public:
  // What it refers to must outlive it. Adapters are found by their names.
  Engine(EngineOptions options, Clock& clock, Entropy& entropy, Store& store, const PlanCatalog& catalog,
         const Preparer& preparer, std::vector<EffectAdapter*> adapters, Observer& observer);
  ~Engine() override;

  // Takes the store over and reads all live sagas back; returns when starts are taken. An empty answer is
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
  // Whether a saga that is `not_live` is over or was never there, the store knows.
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
  // What open() found. Immutable after it.
  const Recovered& found() const { return found_; }
  // Another engine has taken the store; the process should end.
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
  void take(ReloadedOne& report, Now now);
  void flush(Now now);
  void take_waits(std::vector<PostedWait>& waits);
  void doubt_unfit(Answered& answer) const;
  void dispatch(Outputs outputs);
  void hand_out(std::vector<Attempt> attempts);
  void answer_homeless(std::vector<Attempt> attempts);
  std::optional<Micros> wait_limit(Now now) const;
  bool finished(Now now, bool quiet) const;
  void answer_rest();

  const EngineOptions options_;
  Clock& clock_;
  Entropy& entropy_;
  Store& store_;
  const PlanCatalog& catalog_;
  const Preparer& preparer_;
  const std::vector<EffectAdapter*> adapters_;
  Observer& observer_;
  std::map<std::string, std::string> refused_plans_;
  Recovered found_;

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
  bool opened_ = false;         // has been ready once
  std::promise<void> opening_;  // kept when it is
  std::thread loop_;
};

}  // namespace amends::engine
