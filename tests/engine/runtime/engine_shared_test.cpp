// Several engines with their threads over one set of tables.
#include <gtest/gtest.h>

#include <set>

#include "adapters/store/memory/memory_store.hpp"
#include "tests/engine/runtime/engine_world.hpp"

namespace amends::engine {
namespace {

constexpr Millis patience{20'000};

// Can be cut off: then nothing reaches the tables, and nobody hears of it.
class CutStore : public memory::MemoryStore {
 public:
  using MemoryStore::MemoryStore;
  std::atomic<bool> cut{false};

  Opened take_over(std::string_view engine, WallTime now) override {
    if (cut) return {std::nullopt, "io", "cut off"};
    return MemoryStore::take_over(engine, now);
  }
  CommitResult commit(const Batch& batch) override {
    if (cut) return {CommitStatus::unknown, {}, "io", "cut off"};
    return MemoryStore::commit(batch);
  }
  Share tend(WallTime now) override {
    if (cut) throw StoreUnavailable{"io", "cut off"};
    return MemoryStore::tend(now);
  }
};

// One engine, its store and its participants.
struct Member : EngineParts {
  Member(std::shared_ptr<memory::Tables> tables, std::string name, Millis lease)
      : store(std::move(tables), lease), id(std::move(name)) {}
  ~Member() { engine.reset(); }

  void join() {
    EngineOptions options;
    options.engine_id = id;
    EngineParts::open(store, options);
  }
  std::size_t shards() { return engine->owned()->ours.size(); }
  bool await_shards(std::size_t count) {
    return await([&] { return shards() == count; });
  }
  bool await(const std::function<bool()>& holds) {
    for (const Elapsed until = clock.elapsed() + patience; clock.elapsed() < until;) {
      if (holds()) return true;
      std::this_thread::sleep_for(Millis(1));  // what is waited for has no signal
    }
    return false;
  }
  std::string state(const SagaId& saga) { return store.find_saga(saga)->state; }
  bool await_state(const SagaId& saga, const std::string& wanted) {
    return await([&] { return state(saga) == wanted; });
  }

  CutStore store;
  std::string id;
};

struct EnginesTest : testing::Test {
  std::shared_ptr<memory::Tables> tables = std::make_shared<memory::Tables>(8);
  Millis lease{2'000};
  Member a{tables, "a", lease}, b{tables, "b", lease};
};

TEST_F(EnginesTest, OneAloneOwnsEverythingAndRunsASaga) {
  a.join();

  EXPECT_EQ(a.shards(), 8u);
  EXPECT_TRUE(a.engine->ready());
  const StartReply started = a.start();
  ASSERT_EQ(started.status, StartStatus::created);
  EXPECT_TRUE(a.await_state(started.saga, "completed"));
}

TEST_F(EnginesTest, OneThatJoinsGetsItsEvenShare) {
  a.join();
  b.join();

  EXPECT_TRUE(a.await_shards(4));
  EXPECT_TRUE(b.await_shards(4));
  EXPECT_TRUE(b.engine->ready());
  EXPECT_EQ(b.start().status, StartStatus::created);
}

TEST_F(EnginesTest, OneWithoutAShardIsNotReadyAndSaysWhy) {
  a.adapter.holding = true;
  a.join();
  for (int i = 0; i < 60; ++i) a.start();  // an attempt in flight in every shard
  a.adapter.await_held(60);
  b.join();

  EXPECT_FALSE(b.engine->ready());
  const StartReply refused = b.start();
  EXPECT_EQ(refused.status, StartStatus::unavailable);
  EXPECT_EQ(b.engine->why_not_ready(), refused.sentence);
  EXPECT_NE(refused.sentence.find("owns no shard"), std::string::npos) << refused.sentence;
  a.adapter.holding = false;
  a.adapter.release();
}

TEST_F(EnginesTest, OneThatStopsHandsItsSagasOverAtOnce) {
  a.adapter.holding = true;
  a.join();
  std::vector<SagaId> sagas;
  for (int i = 0; i < 20; ++i) sagas.push_back(a.start().saga);
  a.adapter.await_held(20);
  b.join();
  std::thread stopper([&] { a.engine->stop(patience); });
  a.adapter.await_stopping();
  a.adapter.release();
  stopper.join();

  EXPECT_TRUE(b.await_shards(8));
  for (const SagaId& saga : sagas) EXPECT_TRUE(b.await_state(saga, "completed"));
  std::set<std::string> by_a;
  for (const Attempt& attempt : a.adapter.sent) by_a.insert(attempt.key);
  for (const Attempt& attempt : b.adapter.sent) EXPECT_FALSE(by_a.contains(attempt.key)) << attempt.key;
}

TEST_F(EnginesTest, OneThatIsCutOffIsInheritedWhenItsLeaseIsOverAndSendsNothingUntilItIsBack) {
  Member dying{tables, "dying", Millis(300)};
  dying.adapter.holding = true;
  dying.join();
  std::vector<SagaId> sagas;
  for (int i = 0; i < 20; ++i) sagas.push_back(dying.start().saga);
  dying.adapter.await_held(20);
  dying.store.cut = true;
  b.join();

  // Its participants answer the one that was cut off: too late.
  EXPECT_TRUE(b.await_shards(8));
  dying.adapter.holding = false;
  dying.adapter.release();
  for (const SagaId& saga : sagas) EXPECT_TRUE(b.await_state(saga, "completed"));
  EXPECT_EQ(dying.adapter.sent.size(), 20u);
  EXPECT_TRUE(dying.await([&] { return !dying.engine->ready(); }));
  EXPECT_EQ(dying.start().status, StartStatus::unavailable);

  dying.store.cut = false;
  EXPECT_TRUE(dying.await_shards(4));
  EXPECT_TRUE(b.await_shards(4));
  EXPECT_EQ(dying.start().status, StartStatus::created);
}

TEST_F(EnginesTest, AFencedOneTellsItsCallersAndJoinsAgain) {
  a.adapter.holding = true;
  a.join();
  const StartReply before = a.start();
  a.adapter.await_held(1);
  tables->answer_commit(1, memory::Answer::fenced);

  const StartReply refused = a.start();

  EXPECT_EQ(refused.status, StartStatus::unavailable);
  EXPECT_FALSE(a.engine->fenced());
  EXPECT_TRUE(a.await_shards(8));
  a.adapter.holding = false;
  a.adapter.release();
  EXPECT_TRUE(a.await_state(before.saga, "completed"));
  EXPECT_EQ(a.start().status, StartStatus::created);
}

TEST_F(EnginesTest, ACommitInDoubtIsResolvedAndTheShardsAreKept) {
  a.join();
  for (const memory::Answer answer : {memory::Answer::unknown_landed, memory::Answer::unknown_lost}) {
    ASSERT_TRUE(a.await([&] { return a.engine->ready(); }));
    tables->answer_commit(1, answer);
    const StartReply reply = a.start("key");
    if (answer == memory::Answer::unknown_landed)
      EXPECT_EQ(reply.status, StartStatus::created);
    else
      EXPECT_NE(reply.status, StartStatus::created);
  }
  EXPECT_TRUE(a.await_shards(8));
}

TEST_F(EnginesTest, AWaitForASagaThatMovesHearsSo) {
  a.adapter.holding = true;
  a.join();
  const SagaId saga = a.start().saga;
  a.adapter.await_held(1);
  auto heard = std::make_shared<std::promise<WaitOutcome>>();
  a.engine->wait(saga, a.clock.elapsed() + patience, [heard](WaitOutcome what) { heard->set_value(what); });
  tables->answer_commit(1, memory::Answer::fenced);
  b.join();
  a.start();

  // It comes back to `a`, or it went to `b`: nobody waits in vain.
  a.adapter.holding = false;
  a.adapter.release();
  const WaitOutcome outcome = heard->get_future().get();
  EXPECT_TRUE(outcome == WaitOutcome::elsewhere || outcome == WaitOutcome::rested ||
              outcome == WaitOutcome::not_live);
}

}  // namespace
}  // namespace amends::engine
