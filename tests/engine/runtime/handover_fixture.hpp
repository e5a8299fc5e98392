// Engines over one set of tables that do nothing by themselves for a long time: they look for their share
// when the test hints, and time passes when the test says so.
#pragma once
#include <gtest/gtest.h>

#include <set>

#include "adapters/store/memory/memory_store.hpp"
#include "tests/engine/runtime/engine_world.hpp"

namespace amends::engine {

inline constexpr Millis patience{20'000}, hour{3'600'000};

// The machine's time, and what a test adds to it.
class MovedClock final : public Clock {
 public:
  WallTime wall() const override { return real_.wall() + Micros(wall_); }
  Elapsed elapsed() const override { return real_.elapsed() + Elapsed(elapsed_.load()); }
  void pass(Millis time) { elapsed_ += Elapsed(time).count(); }
  void set_forward(Millis time) { wall_ += Micros(time).count(); }

 private:
  SystemClock real_;
  std::atomic<Micros::rep> wall_{0};
  std::atomic<Elapsed::rep> elapsed_{0};
};

// Its verbs wait or fail as the test says.
class HandoverStore final : public memory::MemoryStore {
 public:
  explicit HandoverStore(std::shared_ptr<memory::Tables> tables)
      : MemoryStore(std::move(tables), 10 * hour) {}

  Opened take_over(std::string_view engine, WallTime now) override {
    ++take_overs;
    return MemoryStore::take_over(engine, now);
  }
  Share tend(WallTime now) override {
    fail_if(failing_tends);
    Share share = MemoryStore::tend(now);
    std::erase_if(share.owned, [this](ShardId shard) { return shard < taken_by_hand; });
    ++tends;
    hold(holding_tends);
    if (const auto then = std::exchange(at_end_of_tend, {})) then();
    return share;
  }
  void give_up(const std::vector<ShardId>& shards) override {
    fail_if(failing_give_ups);
    MemoryStore::give_up(shards);
  }
  std::vector<SavedSaga> load_live(ShardId shard, std::optional<SagaId> after, std::uint32_t max) override {
    ++loads;
    hold(holding_loads);
    return MemoryStore::load_live(shard, after, max);
  }
  void on_wake(std::function<void()> wake) override {
    hint = wake;
    MemoryStore::on_wake(std::move(wake));
  }
  CommitResult commit(const Batch& batch) override {
    ++commits;
    hold(holding_commits);
    return MemoryStore::commit(batch);
  }
  void release(std::atomic<bool>& holding) {
    std::lock_guard lock(mutex_);
    holding = false;
    changed_.notify_all();
  }

  std::function<void()> hint;
  std::function<void()> at_end_of_tend;  // once; set it before the hint
  std::string failing_class = "io";
  std::atomic<int> failing_tends{0}, failing_give_ups{0};
  std::atomic<int> take_overs{0}, tends{0}, loads{0}, commits{0};
  std::atomic<ShardId> taken_by_hand{0};   // shards below it are another's, as far as tend() says
  std::atomic<bool> holding_tends{false};  // once they know what they will answer
  std::atomic<bool> holding_loads{false}, holding_commits{false};

 private:
  void fail_if(std::atomic<int>& failing) {
    if (failing > 0 && failing-- > 0) throw StoreUnavailable{failing_class, "it was told so"};
  }
  void hold(std::atomic<bool>& holding) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&holding] { return !holding; });
  }

  std::mutex mutex_;
  std::condition_variable changed_;
};

// One engine and its participants, over a store of whatever kind.
struct SharingParts : EngineParts {
  explicit SharingParts(std::string name) : id(std::move(name)) {}

  void join(Store& store, Millis leave_max = hour) {
    EngineOptions options;
    options.engine_id = id;
    options.shard.leave_max = leave_max;
    engine = std::make_unique<Engine>(std::move(options), moved, entropy, store, catalog, preparer,
                                      std::vector<EffectAdapter*>{&adapter}, observer);
    ASSERT_EQ(engine->open(), "");
  }
  bool await(const std::function<bool()>& holds) {
    for (const Elapsed until = clock.elapsed() + patience; clock.elapsed() < until;) {
      if (holds()) return true;
      std::this_thread::sleep_for(Millis(1));  // what is waited for has no signal
    }
    return false;
  }
  std::size_t shards() { return engine->owned()->ours.size(); }
  std::size_t leaving() { return engine->owned()->leaving.size(); }
  bool await_shards(std::size_t count) {
    return await([&] { return shards() == count; });
  }
  bool is_ours(const SagaId& saga) {
    const auto owned = engine->owned();
    return std::count(owned->ours.begin(), owned->ours.end(), saga.shard()) > 0;
  }
  // Until an attempt is out in every one of so many shards.
  std::vector<SagaId> start_everywhere(std::size_t shards) {
    adapter.holding = true;
    std::vector<SagaId> sagas;
    for (std::set<ShardId> seen; seen.size() < shards; seen.insert(sagas.back().shard()))
      sagas.push_back(start().saga);
    adapter.await_held(sagas.size());
    return sagas;
  }
  // What the engine may still be asked for is answered.
  void answer_all() {
    adapter.holding = false;
    if (adapter.in_flight() > 0) adapter.release();
  }
  std::future<WaitOutcome> wait_for(const SagaId& saga) {
    auto heard = std::make_shared<std::promise<WaitOutcome>>();
    engine->wait(saga, moved.elapsed() + 10 * hour, [heard](WaitOutcome what) { heard->set_value(what); });
    return heard->get_future();
  }
  bool said(const std::string& what) { return observer.said().find(what) != std::string::npos; }

  MovedClock moved;
  const std::string id;
};

struct HandoverMember : SharingParts {
  HandoverMember(std::shared_ptr<memory::Tables> tables, std::string name)
      : SharingParts(std::move(name)), store(std::move(tables)) {}
  ~HandoverMember() {
    for (auto* holding : {&store.holding_tends, &store.holding_loads, &store.holding_commits})
      store.release(*holding);
    engine.reset();
  }

  void join(Millis leave_max = hour) { SharingParts::join(store, leave_max); }
  // The engine has looked for its share, and done what that says.
  bool tend_again() {
    for (int i = 0; i < 2; ++i) {
      const int before = store.tends;
      store.hint();
      if (!await([&] { return store.tends > before; })) return false;
    }
    return true;
  }
  bool await_state(const SagaId& saga, const std::string& wanted) {
    return await([&] { return store.find_saga(saga)->state == wanted; });
  }

  HandoverStore store;
};

inline bool is_heard(std::future<WaitOutcome>& wait, WaitOutcome what) {
  return wait.wait_for(patience) == std::future_status::ready && wait.get() == what;
}

}  // namespace amends::engine
