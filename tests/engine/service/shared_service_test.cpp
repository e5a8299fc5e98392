// Two engines over one set of tables, each with its service and its intake.
#include <gtest/gtest.h>

#include "adapters/store/memory/memory_store.hpp"
#include "engine/service/intake.hpp"
#include "engine/service/service.hpp"
#include "tests/engine/runtime/engine_world.hpp"

namespace amends::engine {
namespace {

constexpr Millis patience{20'000};

struct Node : EngineParts {
  Node(std::shared_ptr<memory::Tables> tables, const std::string& id) : store(std::move(tables)) {
    EngineOptions options;
    options.engine_id = id;
    open(store, options);
    service = std::make_unique<Service>(*engine, catalog, store, clock, entropy, store.shared());
    intake = std::make_unique<Intake>(*engine, catalog, store, clock, observer);
  }
  ~Node() {
    intake->stop();
    engine->stop(Millis(0));
    service->stop();
  }
  bool await(const std::function<bool()>& holds) {
    for (const Elapsed until = clock.elapsed() + patience; clock.elapsed() < until;) {
      if (holds()) return true;
      std::this_thread::sleep_for(Millis(1));  // what is waited for has no signal
    }
    return false;
  }
  bool is_ours(const SagaId& saga) {
    const auto owned = engine->owned();
    return std::count(owned->ours.begin(), owned->ours.end(), saga.shard()) > 0;
  }
  std::string verdict(const SagaId& command) {
    const auto done = store.find_done({command});
    return done.empty() ? "" : done.front().verdict;
  }

  memory::MemoryStore store;
  std::unique_ptr<Service> service;
  std::unique_ptr<Intake> intake;
};

struct SharedServiceTest : testing::Test {
  std::shared_ptr<memory::Tables> tables = std::make_shared<memory::Tables>(4);

  CommandRow start_row(Node& node, std::string body) {
    const WallTime now = node.clock.wall();
    return {SagaId::make(now, 2, node.entropy.draw()), "start", SagaId::make(now, 2, node.entropy.draw()),
            now, std::move(body)};
  }
};

TEST_F(SharedServiceTest, AStartFromTheStoreRunsOnce) {
  Node a(tables, "a");
  const CommandRow row = start_row(a, R"({"workflow":"order","key":"k","input":{"id":1},"tags":{"x":"y"}})");

  a.store.post_command(row);

  ASSERT_TRUE(a.await([&] { return a.verdict(row.id) == "accepted"; }));
  ASSERT_TRUE(a.await([&] { return a.store.find_saga(row.saga)->state == "completed"; }));
  EXPECT_EQ(a.observer.metrics.started, 1u);
  EXPECT_EQ(a.store.find_saga(row.saga)->key, "k");
}

TEST_F(SharedServiceTest, AStartThatWillNeverWorkIsAnsweredAndOneWithoutItsPluginWaits) {
  Node a(tables, "a");
  const CommandRow unfit = start_row(a, R"({"workflow":"order","input":{}})");
  const CommandRow torn = start_row(a, "[");
  const CommandRow unknown = start_row(a, R"({"workflow":"nobody","input":{}})");
  for (const CommandRow& row : {unknown, unfit, torn}) a.store.post_command(row);

  EXPECT_TRUE(a.await([&] { return a.verdict(unfit.id) == "invalid" && a.verdict(torn.id) == "invalid"; }));
  // One that is read again before its answer is durable is answered, and counted, again.
  EXPECT_TRUE(a.await([&] { return a.observer.metrics.commands_refused >= 2; }));
  EXPECT_EQ(a.verdict(unknown.id), "");
  EXPECT_NE(a.observer.said().find("'nobody' is not loaded"), std::string::npos);
}

TEST_F(SharedServiceTest, ACommandAndAWaitReachTheSagaOfAnotherEngine) {
  Node a(tables, "a");
  Node b(tables, "b");
  ASSERT_TRUE(a.await([&] { return a.engine->owned()->ours.size() == 2 && b.engine->ready(); }));
  a.adapter.holding = true;
  const SagaId saga = a.start().saga;
  a.adapter.await_held(1);
  ASSERT_FALSE(b.is_ours(saga));
  std::promise<WaitOutcome> rested;
  b.service->wait(saga, b.clock.elapsed() + patience, [&](WaitOutcome what) { rested.set_value(what); });

  std::promise<Answer<Verdict>> heard;
  b.service->command({saga, Verb::cancel, "ann", "because", {}, false, {}},
                     [&](const Answer<Verdict>& answer) { heard.set_value(answer); });

  const Answer<Verdict> answer = heard.get_future().get();
  EXPECT_TRUE(answer.ok()) << answer.sentence;
  EXPECT_EQ(answer.value, Verdict::accepted);
  a.adapter.holding = false;
  a.adapter.release();
  EXPECT_EQ(rested.get_future().get(), WaitOutcome::rested);
  EXPECT_EQ(b.store.find_saga(saga)->state, "compensated");
}

}  // namespace
}  // namespace amends::engine
