// What an engine takes in of the rows that wait in its store: each once, none for ever out of sight, and
// never more than it can hold.
#include "engine/service/intake.hpp"

#include <gtest/gtest.h>

#include <set>

#include "adapters/store/memory/memory_store.hpp"
#include "tests/engine/runtime/engine_world.hpp"

namespace amends::engine {
namespace {

constexpr Millis patience{20'000}, hour{3'600'000};
constexpr std::size_t in_hand_max = 2'000;

// Counts what is read of it and decided in it, and lets commits wait.
class WatchedStore final : public memory::MemoryStore {
 public:
  using MemoryStore::MemoryStore;

  std::vector<CommandRow> read_commands(const std::vector<ShardId>& shards, std::optional<SagaId> after,
                                        std::uint32_t count_max) override {
    std::function<void()> then;
    std::vector<CommandRow> rows;
    {
      std::lock_guard lock(mutex_);
      ++reads;
      changed_.notify_all();
      if (failing > 0 && failing--) throw StoreUnavailable{"io", "nobody there"};
      undecided_max = std::max(undecided_max, served.size() - decided);
      rows = MemoryStore::read_commands(shards, after, count_max);
      for (const CommandRow& row : rows) served.insert(row.id);
      if (!rows.empty()) then = std::exchange(after_read, {});
    }
    if (then) then();
    return rows;
  }
  CommitResult commit(const Batch& batch) override {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return commits_let > 0; });
    --commits_let;
    const CommitResult result = MemoryStore::commit(batch);
    if (result.status == CommitStatus::committed) decided += batch.answered.size();
    changed_.notify_all();
    return result;
  }

  template <typename Holds>
  bool await(Holds holds) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, holds);
  }
  template <typename Change>
  auto change(Change what) {
    std::lock_guard lock(mutex_);
    changed_.notify_all();
    return what();
  }
  bool await_reads(int more) {
    const int before = change([this] { return reads; });
    return await([&] { return reads >= before + more; });
  }
  void let_commits(std::size_t count) {
    change([&] { commits_let = count; });
  }
  std::string verdict(const SagaId& command) {
    const auto done = find_done({command});
    return done.empty() ? "" : done.front().verdict;
  }
  bool await_verdict(const SagaId& command) {
    return await([&] { return !verdict(command).empty(); });
  }

  static constexpr std::size_t all = 1'000'000'000;
  std::set<SagaId> served;
  std::size_t decided = 0, undecided_max = 0, commits_let = all;
  int reads = 0, failing = 0;
  std::function<void()> after_read;  // once, of a read that found rows, while its reader waits

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
};

struct IntakeTest : testing::Test, EngineParts {
  ~IntakeTest() override {
    store.let_commits(WatchedStore::all);
    if (intake) intake->stop();
    adapter.holding = false;
    if (adapter.in_flight() > 0) adapter.release();
    if (engine) engine->stop(Millis(0));
  }
  void open_engine(EngineOptions options = {}) {
    options.engine_id = "e";
    open(store, options);
  }
  void begin(Millis look_every = Millis(5)) {
    intake = std::make_unique<Intake>(*engine, catalog, store, clock, observer, look_every);
  }
  // In the order of n.
  SagaId id(int n) { return SagaId::make(at + Millis(n), 1, static_cast<std::uint64_t>(1'000 + n)); }
  SagaId post(int n, std::string kind, SagaId saga, std::string body) {
    store.post_command({id(n), std::move(kind), saga, at, std::move(body)});
    return id(n);
  }
  SagaId post_start(int n, const std::string& workflow = "order") {
    return post(n, "start", id(100'000 + n), R"({"workflow":")" + workflow + R"(","input":{"id":1}})");
  }
  // How often the command stands in its saga's journal.
  std::size_t times_obeyed(const SagaId& saga, const SagaId& command) {
    std::size_t count = 0;
    for (const JournalRow& row : store.read_journal(saga, 0, 100))
      for (auto found = row.body.find(command.text()); found != std::string::npos;
           found = row.body.find(command.text(), found + 1))
        ++count;
    return count;
  }

  const std::shared_ptr<memory::Tables> tables = std::make_shared<memory::Tables>(4);
  WatchedStore store{tables};
  std::unique_ptr<Intake> intake;
  const WallTime at = clock.wall();
};

TEST_F(IntakeTest, ACommandIsObeyedOnceHoweverOftenItIsReadBeforeItsAnswerIsWritten) {
  adapter.holding = true;
  open_engine();
  const SagaId saga = start().saga;
  begin();
  store.let_commits(0);
  const SagaId cancel = post(1, "cancel", saga, R"({"reason":"r"})");
  ASSERT_TRUE(store.await([&] { return store.served.contains(cancel); }));
  ASSERT_TRUE(store.await_reads(3));

  store.let_commits(WatchedStore::all);

  ASSERT_TRUE(store.await_verdict(cancel));
  start();  // what else came of it is written by now
  EXPECT_EQ(times_obeyed(saga, cancel), 1u);
  EXPECT_EQ(store.verdict(cancel), "accepted");
}

TEST_F(IntakeTest, ACommandThatIsAnsweredWhileItIsReadIsNotObeyedAgain) {
  adapter.holding = true;
  open_engine();
  const SagaId saga = start().saga;
  begin();
  store.let_commits(0);
  const SagaId cancel = post(1, "cancel", saga, R"({"reason":"r"})");
  ASSERT_TRUE(store.await([&] { return store.served.contains(cancel); }));
  std::promise<void> read;
  store.change([&] {
    store.after_read = [&] {
      store.let_commits(WatchedStore::all);
      start();  // the engine has said by now that the command is answered
      read.set_value();
    };
  });

  read.get_future().get();

  ASSERT_TRUE(store.await_reads(3));
  start();
  EXPECT_EQ(times_obeyed(saga, cancel), 1u);
}

TEST_F(IntakeTest, WhatIsAnsweredMakesRoomForMoreThanItMayHold) {
  open_engine();
  const std::size_t count = in_hand_max + 50;
  for (std::size_t i = 0; i < count; ++i) post(static_cast<int>(i), "start", id(0), "[");

  begin();

  EXPECT_TRUE(store.await([&] { return store.decided == count; })) << store.decided;
}

TEST_F(IntakeTest, ARowWhoseAnswerWasNotWrittenIsTakenAgain) {
  open_engine();
  begin();
  store.let_commits(0);
  const SagaId row = post_start(1);
  ASSERT_TRUE(store.await([&] { return store.served.contains(row); }));
  tables->answer_commit(1, memory::Answer::fenced);

  store.let_commits(WatchedStore::all);

  ASSERT_TRUE(store.await_verdict(row));
  EXPECT_EQ(store.verdict(row), "accepted");
  EXPECT_EQ(wait(id(100'001)), WaitOutcome::rested);
}

TEST_F(IntakeTest, NoMoreAreTakenInThanItMayHold) {
  EngineOptions options;
  options.shard.sagas_per_flush_max = 10;
  adapter.holding = true;
  open_engine(options);
  const std::size_t count = in_hand_max + 1'000;
  for (std::size_t i = 0; i < count; ++i) post_start(static_cast<int>(i));
  store.let_commits(0);
  begin();
  ASSERT_TRUE(store.await([&] { return store.served.size() >= in_hand_max; }));

  store.let_commits(3);
  ASSERT_TRUE(store.await([&] { return store.served.size() > in_hand_max; }));
  store.let_commits(WatchedStore::all);

  EXPECT_TRUE(store.await([&] { return store.decided == count; })) << store.decided;
  EXPECT_LT(store.undecided_max, in_hand_max);
}

TEST_F(IntakeTest, RowsThatWaitForTheirPluginKeepNobodyOutNeitherBehindNorBeforeThem) {
  open_engine();
  for (int i = 0; i < 450; ++i) post_start(1'000 + i, "nobody");
  const SagaId behind = post_start(2'000);
  begin();
  ASSERT_TRUE(store.await_verdict(behind));

  const SagaId before = post_start(1);

  EXPECT_TRUE(store.await_verdict(before));
  EXPECT_EQ(store.verdict(id(1'000)), "");
  const std::string said = observer.said();
  EXPECT_NE(said.find("'nobody' is not loaded"), std::string::npos);
  EXPECT_EQ(said.find("'nobody'"), said.rfind("'nobody'")) << said;
}

TEST_F(IntakeTest, AStartOfAPlanWhoseShapeChangedWaitsForTheOldOneAndIsSaidOnce) {
  const PlanPtr plan = catalog.plans_.front();
  store.take_over("e", clock.wall());
  store.ensure_plans({{plan->id(), plan->workflow(), plan->version(), "another shape", "{}"}});
  open_engine();
  begin();
  const SagaId first = post_start(1);
  post_start(2);

  ASSERT_TRUE(store.await_reads(3));

  EXPECT_EQ(store.verdict(first), "");
  const std::string said = observer.said();
  EXPECT_NE(said.find("its shape changed"), std::string::npos) << said;
  EXPECT_EQ(said.find("its shape changed"), said.rfind("its shape changed")) << said;
}

TEST_F(IntakeTest, ARowWithALowerIdThanThoseThatWereReadIsFoundToo) {
  open_engine();
  begin();
  ASSERT_TRUE(store.await_verdict(post_start(100)));

  EXPECT_TRUE(store.await_verdict(post_start(1)));
}

TEST_F(IntakeTest, AHintOfTheStoreIsEnoughToLook) {
  open_engine();
  begin(hour);
  ASSERT_TRUE(store.await([&] { return store.reads > 0; }));

  for (int i = 0; i < 5; ++i) EXPECT_TRUE(store.await_verdict(post_start(i))) << i;
}

TEST_F(IntakeTest, AStoreThatIsAwayForAWhileIsReadAgainWhenItIsBack) {
  open_engine();
  begin();
  store.change([&] { store.failing = 3; });
  const SagaId row = post_start(1);
  ASSERT_TRUE(store.await([&] { return store.failing == 0; }));

  EXPECT_TRUE(store.await_verdict(row));
}

TEST_F(IntakeTest, OneThatStoppedReadsNothingMoreAndHearsNoHint) {
  open_engine();
  begin(hour);
  ASSERT_TRUE(store.await([&] { return store.reads > 0; }));

  intake->stop();
  const int reads = store.reads;
  const SagaId row = post_start(1);
  intake->stop();

  start();
  EXPECT_EQ(store.reads, reads);
  EXPECT_EQ(store.verdict(row), "");
}

}  // namespace
}  // namespace amends::engine
