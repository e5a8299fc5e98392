// One process with two writers over one set of tables: to its callers it is one engine.
#include <gtest/gtest.h>

#include <set>

#include "adapters/store/memory/memory_store.hpp"
#include "engine/service/intake.hpp"
#include "engine/service/service.hpp"
#include "tests/engine/runtime/engine_world.hpp"

namespace amends::engine {
namespace {

constexpr Millis patience{20'000};

// Counts the commands that it is given; can be cut off: then nothing reaches the tables.
struct WatchedStore : memory::MemoryStore {
  using MemoryStore::MemoryStore;
  std::atomic<bool> cut{false};
  std::atomic<int> posted{0};

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
  void post_command(const CommandRow& row) override {
    ++posted;
    MemoryStore::post_command(row);
  }
};

struct TwoWritersTest : testing::Test {
  TwoWritersTest() {
    for (WatchedStore* store : {&first, &second}) {
      EngineOptions options;
      options.engine_id = engines.empty() ? "a" : "a/2";
      engines.push_back(std::make_unique<Engine>(options, parts.clock, parts.entropy, *store, parts.catalog,
                                                 parts.preparer, std::vector<EffectAdapter*>{&parts.adapter},
                                                 parts.observer));
    }
    writers = std::make_unique<Writers>(std::vector{engines[0].get(), engines[1].get()});
    EXPECT_EQ(writers->open(), "");
    service = std::make_unique<Service>(*writers, parts.catalog, first, parts.clock, parts.entropy, &first);
    intake = std::make_unique<Intake>(*writers, parts.catalog, first, parts.clock, parts.observer);
  }
  ~TwoWritersTest() override {
    parts.adapter.release();
    intake->stop();
    writers->stop(Millis(0));
    service->stop();
  }

  using Started = std::future<Answer<engine::Started>>;
  Started start(std::string key = "") {
    auto heard = std::make_shared<std::promise<Answer<engine::Started>>>();
    StartRequest request;
    request.workflow = "order";
    request.key = std::move(key);
    request.input = {{"id", 1}};
    service->start(request, [heard](const auto& answer) { heard->set_value(answer); });
    return heard->get_future();
  }
  // So many of each writer, by starting in turns.
  std::vector<SagaId> start_each(std::size_t count) {
    std::vector<SagaId> out;
    for (std::size_t i = 0; i < 2 * count; ++i) out.push_back(start().get().value.saga);
    return out;
  }
  std::size_t owned_by(std::size_t writer, const std::vector<SagaId>& sagas) {
    const auto owned = engines[writer]->owned();
    return static_cast<std::size_t>(std::count_if(sagas.begin(), sagas.end(), [&](const SagaId& saga) {
      return std::count(owned->ours.begin(), owned->ours.end(), saga.shard()) > 0;
    }));
  }
  bool await(const std::function<bool()>& holds) {
    for (const Elapsed until = parts.clock.elapsed() + patience; parts.clock.elapsed() < until;) {
      if (holds()) return true;
      std::this_thread::sleep_for(Millis(1));  // what is waited for has no signal
    }
    return false;
  }
  bool share_evenly() {
    return engines[0]->owned()->ours.size() == 4 && engines[1]->owned()->ours.size() == 4;
  }

  std::shared_ptr<memory::Tables> tables = std::make_shared<memory::Tables>(8);
  WatchedStore first{tables, Millis(400)}, second{tables, Millis(400)};
  EngineParts parts;
  std::vector<std::unique_ptr<Engine>> engines;
  std::unique_ptr<Writers> writers;
  std::unique_ptr<Service> service;
  std::unique_ptr<Intake> intake;
};

TEST_F(TwoWritersTest, EachHasHalfOfTheShardsFromTheStartAndTakesStartsInTurns) {
  EXPECT_TRUE(share_evenly());
  EXPECT_EQ(writers->owned().ours.size(), 8u);

  const std::vector<SagaId> sagas = start_each(3);

  EXPECT_EQ(owned_by(0, sagas), 3u);
  EXPECT_EQ(owned_by(1, sagas), 3u);
}

TEST_F(TwoWritersTest, ABatchLiesInOneShardAndTheNextOneIsTheOthers) {
  std::set<ShardId> shards;
  std::vector<SagaId> all;
  for (int batch = 0; batch < 2; ++batch) {
    StartRequest request;
    request.workflow = "order";
    request.input = {{"id", 1}};
    std::promise<std::vector<Answer<engine::Started>>> heard;
    service->start_batch(std::vector<StartRequest>(20, request),
                         [&](const auto& answers) { heard.set_value(answers); });
    std::set<ShardId> its;
    for (const auto& one : heard.get_future().get()) {
      its.insert(one.value.saga.shard());
      all.push_back(one.value.saga);
    }
    EXPECT_EQ(its.size(), 1u);
    shards.merge(its);
  }

  EXPECT_EQ(shards.size(), 2u);
  EXPECT_EQ(owned_by(0, all), 20u);
  EXPECT_EQ(owned_by(1, all), 20u);
}

TEST_F(TwoWritersTest, AKeyIsOneForBoth) {
  const SagaId saga = start("k").get().value.saga;

  const auto again = start("k").get();

  EXPECT_TRUE(again.value.again);
  EXPECT_EQ(again.value.saga, saga);
}

TEST_F(TwoWritersTest, ACommandAndAWaitReachTheWriterThatOwnsTheSagaWithoutTheStore) {
  parts.adapter.holding = true;
  const std::vector<SagaId> sagas = start_each(1);
  parts.adapter.await_held(2);

  for (const SagaId& saga : sagas) {
    std::promise<Answer<Verdict>> heard;
    service->command({saga, Verb::cancel, "ann", "because", {}, false, {}},
                     [&](const Answer<Verdict>& answer) { heard.set_value(answer); });
    const Answer<Verdict> answer = heard.get_future().get();
    EXPECT_EQ(answer.value, Verdict::accepted) << answer.sentence;
  }
  parts.adapter.holding = false;
  parts.adapter.release();

  for (const SagaId& saga : sagas) {
    std::promise<WaitOutcome> heard;
    service->wait(saga, parts.clock.elapsed() + patience, [&](WaitOutcome what) { heard.set_value(what); });
    const WaitOutcome what = heard.get_future().get();
    EXPECT_TRUE(what == WaitOutcome::rested || what == WaitOutcome::not_live);
    EXPECT_EQ(first.find_saga(saga)->state, "compensated");
  }
  EXPECT_EQ(first.posted + second.posted, 0);
}

TEST_F(TwoWritersTest, WhatComesThroughTheStoreIsTakenInForBoth) {
  std::vector<SagaId> sagas;
  for (ShardId shard = 0; shard < 8; ++shard) {
    const WallTime now = parts.clock.wall();
    sagas.push_back(SagaId::make(now, shard, parts.entropy.draw()));
    first.post_command({SagaId::make(now, shard, parts.entropy.draw()), "start", sagas.back(), now,
                        R"({"workflow":"order","input":{"id":1}})"});
  }

  for (const SagaId& saga : sagas)
    EXPECT_TRUE(await([&] {
      const auto row = first.find_saga(saga);
      return row && row->state == "completed";
    }));
}

TEST_F(TwoWritersTest, AStopDrainsBothAtOnce) {
  parts.adapter.holding = true;
  const std::vector<SagaId> sagas = start_each(1);
  parts.adapter.await_held(2);
  for (const SagaId& saga : sagas) ASSERT_EQ(first.read_journal(saga, 0, 100).size(), 1u);

  std::thread stopping([this] { writers->stop(patience); });
  parts.adapter.await_stopping();
  EXPECT_TRUE(await([this] { return writers->owned().ours.empty(); }));  // while the attempts are out
  EXPECT_EQ(start().get().error, ServiceError::stopping);
  parts.adapter.release();
  stopping.join();

  for (const SagaId& saga : sagas) EXPECT_EQ(first.read_journal(saga, 0, 100).size(), 2u) << "its reply";
  for (const EngineRow& row : first.engines()) EXPECT_TRUE(row.left) << row.engine_id;
}

TEST_F(TwoWritersTest, OneThatIsFencedJoinsAgainAndTheOtherGoesOn) {
  second.cut = true;
  Started one = start(), other = start();
  EXPECT_TRUE(await([this] { return engines[0]->owned()->ours.size() == 8; }));

  EXPECT_EQ(writers->readiness(), Engine::Readiness::ready);
  for (const SagaId& saga : start_each(2)) EXPECT_TRUE(first.find_saga(saga));
  second.cut = false;

  EXPECT_TRUE(await([this] { return share_evenly(); }));
  for (Started* started : {&one, &other}) {
    const auto answer = started->get();
    EXPECT_TRUE(answer.ok() ? first.find_saga(answer.value.saga).has_value()
                            : answer.error == ServiceError::unavailable);
  }
  const std::vector<SagaId> sagas = start_each(2);
  EXPECT_EQ(owned_by(0, sagas), 2u);
  EXPECT_EQ(owned_by(1, sagas), 2u);
}

}  // namespace
}  // namespace amends::engine
