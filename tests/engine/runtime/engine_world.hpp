// A whole engine with its threads, over a scripted store and participants that the test plays.
#pragma once
#include <atomic>
#include <condition_variable>
#include <future>
#include <set>

#include "adapters/clock/system_clock.hpp"
#include "adapters/clock/system_entropy.hpp"
#include "engine/runtime/engine.hpp"
#include "tests/engine/runtime/order_plan.hpp"
#include "tests/engine/runtime/scripted_store.hpp"

namespace amends::engine {

// Answers at once with what `reply` says, or keeps the attempts until release().
class PlayedAdapter : public EffectAdapter {
 public:
  std::string_view name() const override { return "played"; }
  const EndpointFacts* find_endpoint(std::string_view endpoint) const override {
    return endpoint == "participant" ? &facts_ : nullptr;
  }
  void submit(std::vector<Attempt> attempts, ReplySink& sink) override {
    std::lock_guard lock(mutex_);
    for (Attempt& attempt : attempts) sent.push_back(attempt);
    if (holding) {
      for (Attempt& attempt : attempts) held_.push_back({std::move(attempt), &sink});
      changed_.notify_all();
      return;
    }
    for (const Attempt& attempt : attempts) answer(attempt, sink);
  }
  void stop(Millis limit) override {
    std::unique_lock lock(mutex_);
    stopping_ = true;
    changed_.notify_all();
    changed_.wait_for(lock, limit, [this] { return held_.empty(); });
  }
  std::size_t in_flight() const override {
    std::lock_guard lock(mutex_);
    return held_.size();
  }
  void await_held(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return held_.size() >= count; });
  }
  void await_stopping() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return stopping_; });
  }
  void release() {
    std::lock_guard lock(mutex_);
    for (const Held& held : std::exchange(held_, {})) answer(held.attempt, *held.sink);
    changed_.notify_all();
  }

  bool holding = false;
  std::map<StepIndex, int> unfit;  // so many replies to a step have the wrong shape first
  std::vector<Attempt> sent;

 private:
  struct Held {
    Attempt attempt;
    ReplySink* sink;
  };

  std::string result_for(const Attempt& attempt) {
    const auto it = unfit.find(attempt.step);
    if (attempt.direction == Direction::undo || it == unfit.end() || it->second == 0) return R"({"id":7})";
    --it->second;
    return R"({"charge_id":3})";
  }
  void answer(const Attempt& a, ReplySink& sink) {
    Reply done;
    done.outcome = Outcome::done;
    done.result = result_for(a);
    sink.deliver({{a.saga, a.step, a.direction, a.number, std::move(done)}});
  }

  EndpointFacts facts_{Idempotency::barrier, Millis(0)};
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Held> held_;
  bool stopping_ = false;
};

struct OneCatalog : PlanCatalog {
  explicit OneCatalog(std::vector<PlanPtr> plans) : plans_(std::move(plans)) {}
  PlanPtr find_plan(std::string_view workflow, std::optional<std::uint32_t> version) const override {
    for (auto it = plans_.rbegin(); it != plans_.rend(); ++it)
      if ((*it)->workflow() == workflow && (!version || *version == (*it)->version())) return *it;
    return nullptr;
  }
  std::vector<PlanPtr> plans() const override { return plans_; }
  std::string check_input(const Plan&, const Json& input) const override {
    return input.contains("id") ? "" : "in the input, 'id' is missing";
  }
  std::string check_result(const Plan&, StepIndex, const Json& result) const override {
    return result.contains("id") ? "" : "in the result, 'id' is missing";
  }
  std::vector<PlanPtr> plans_;
};

struct PlayedPreparer : Preparer {
  Prepared prepare(const Plan& plan, StepIndex step, Direction, const Known&) const override {
    if (before) before(plan, step);
    ++asked;
    return Request{"played", endpoint, "{}"};
  }
  std::optional<Prepared> prepare_at_once(const Plan&, StepIndex step, Direction,
                                          const Known& known) const override {
    if (!at_once.contains(step)) return std::nullopt;
    known_at_once.push_back(known.input != nullptr && !known.input->empty() ? *known.input : "");
    return Request{"played", endpoint, "{}"};
  }
  std::function<void(const Plan&, StepIndex)> before;
  std::set<StepIndex> at_once;                     // steps that need no author
  mutable std::vector<std::string> known_at_once;  // the input as these steps knew it; the loop's own
  mutable std::atomic<int> asked{0};               // so often a function of the author's was called
  std::string endpoint = "participant";
};

class NotingObserver : public Observer {
 public:
  void note(Severity, std::string_view sentence) override {
    std::lock_guard lock(mutex_);
    said_ += std::string(sentence) + "\n";
  }
  // What the log would hold.
  std::string said() const {
    std::lock_guard lock(mutex_);
    return said_;
  }

 private:
  mutable std::mutex mutex_;
  std::string said_;
};

// What an engine needs around it, over any store.
struct EngineParts {
  SystemClock clock;
  SystemEntropy entropy;
  OneCatalog catalog{{order_plan()}};
  PlayedPreparer preparer;
  PlayedAdapter adapter;
  NotingObserver observer;
  std::unique_ptr<Engine> engine;

  void open(Store& store, EngineOptions options = {}) {
    engine = std::make_unique<Engine>(std::move(options), clock, entropy, store, catalog, preparer,
                                      std::vector<EffectAdapter*>{&adapter}, observer);
    ASSERT_EQ(engine->open(), "");
  }
  StartReply start(std::string key = "") {
    auto heard = std::make_shared<std::promise<StartReply>>();
    engine->start({0, catalog.plans_.front(), std::move(key), "h", R"({"id":1})", {}},
                  [heard](const StartReply& reply) { heard->set_value(reply); });
    return heard->get_future().get();
  }
  WaitOutcome wait(const SagaId& saga, Millis time = Millis(20'000)) {
    auto heard = std::make_shared<std::promise<WaitOutcome>>();
    engine->wait(saga, clock.elapsed() + time, [heard](WaitOutcome outcome) { heard->set_value(outcome); });
    return heard->get_future().get();
  }
};

struct EngineWorld : EngineParts {
  ~EngineWorld() { engine.reset(); }

  ScriptedStore store;

  void open(EngineOptions options = {}) { EngineParts::open(store, std::move(options)); }
  std::string state(const SagaId& saga) { return store.find_saga(saga)->state; }
};

}  // namespace amends::engine
