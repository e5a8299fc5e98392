// The threads around the loop: one that turns it, one that commits, a few that run authors' functions.
//
//     callers, adapters, workers --inbox--> loop (the shard) --jobs--> writer (the store)
//
// Nothing else locks: the loop and its shard belong to one thread, the store's writing verbs to another.
#pragma once
#include <atomic>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "engine/ports/preparer.hpp"
#include "engine/ports/store.hpp"
#include "engine/runtime/entrance.hpp"
#include "engine/runtime/loop.hpp"
#include "engine/runtime/plan_admission.hpp"
#include "engine/runtime/prepare_pool.hpp"
#include "engine/runtime/writer_thread.hpp"

namespace amends::engine {

struct EngineOptions : LoopOptions {
  std::string engine_id = "amends";
  PrepareOptions prepare;
};

class Engine final {
 public:
  using Readiness = engine::Readiness;
  using Owned = engine::Owned;

  // What it refers to must outlive it. Adapters are found by their names.
  Engine(EngineOptions options, Clock& clock, Entropy& entropy, Store& store, const PlanCatalog& catalog,
         const Preparer& preparer, std::vector<EffectAdapter*> adapters, Observer& observer);
  ~Engine();

  // Takes the store over and reads back what may move; returns when starts are taken. An empty answer is
  // good, else it is one sentence, and the engine must not be used. A store that cannot be read is asked
  // until it can, so `give_up` is asked too, many times a second: true ends it.
  std::string open(const std::function<bool()>& give_up = {});
  // The same in three, for engines that open together: each has its place in the store before any of them
  // looks for its share.
  std::string take_over();
  void begin();
  std::string await_open(const std::function<bool()>& give_up = {});
  // As AdmittedPlans has them. Their sagas are set aside. Immutable after open().
  const std::map<std::string, std::string>& refused_plans() const { return plans_.refused; }

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
  // Takes no more starts, and begins to drain; stop() must follow. Any thread.
  void begin_stop();

  // After stop(): threads in an author's function that never came back, and still needs the preparer.
  std::size_t stuck_threads() const { return pool_ ? pool_->lost() : 0; }

  bool stopping() const { return standing_.stopping; }
  // Starts are taken: it has read its sagas back, no commit is in doubt, and the store takes flushes. Any
  // thread.
  Readiness readiness() const { return standing_.readiness(); }
  bool ready() const { return readiness() == Readiness::ready; }
  // The reason for people, where the store or the other engines are it; else empty. Any thread.
  std::string why_not_ready() const { return standing_.why(); }
  // What open() found, also of what it left asleep in the store. Immutable after it.
  const Recovered& found() const { return found_; }
  // Which commands it may decide. Any thread.
  std::shared_ptr<const Owned> owned() const { return standing_.owned(); }
  // Called when the store may hold something new: a hint, from a thread of the store's. Replaces the one
  // before; none is called any more once stop() was.
  void on_wake(std::function<void()> wake);
  // Another engine has taken the store; the process should end. Never of a shared one.
  bool fenced() const { return standing_.fenced; }
  const EngineOptions& options() const { return options_; }

 private:
  void run();
  void count_sleepers();
  void listen_for_hints();

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
  AdmittedPlans plans_;
  Recovered found_;

  Inbox inbox_;
  Standing standing_;
  Entrance entrance_;
  std::unique_ptr<PreparePool> pool_;
  std::unique_ptr<WriterThread> writer_;
  std::unique_ptr<Loop> loop_;  // its thread's own, once that runs

  // What hints of the store reach, which may come when the engine is gone.
  struct Hints {
    std::mutex mutex;
    std::function<void()> loop, other;
  };
  const std::shared_ptr<Hints> hints_ = std::make_shared<Hints>();

  std::atomic<bool> finishing_{false};
  std::atomic<Elapsed::rep> finish_until_{0};
  std::promise<void> opening_;  // kept when starts are taken
  std::thread thread_;
};

}  // namespace amends::engine
