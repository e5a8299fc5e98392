// Sagas that sleep in the store, under an engine with its threads.
#include <gtest/gtest.h>

#include "adapters/store/memory/memory_store.hpp"
#include "tests/engine/runtime/engine_world.hpp"

namespace amends::engine {
namespace {

// Its participant is down for so many attempts.
class DownAdapter : public PlayedAdapter {
 public:
  void submit(std::vector<Attempt> attempts, ReplySink& sink) override {
    std::vector<Answered> refused;
    std::vector<Attempt> taken;
    for (Attempt& attempt : attempts) {
      if (down-- <= 0) {
        taken.push_back(std::move(attempt));
        continue;
      }
      Reply reply;
      reply.outcome = Outcome::transient;
      reply.error_class = "down";
      refused.push_back({attempt.saga, attempt.step, attempt.direction, attempt.number, std::move(reply)});
    }
    if (!refused.empty()) sink.deliver(std::move(refused));
    if (!taken.empty()) PlayedAdapter::submit(std::move(taken), sink);
  }
  std::atomic<int> down{0};
};

RetryPolicy waiting(Millis at_least) {
  RetryPolicy retry;
  retry.attempts_max = 9;
  retry.delay_first = retry.delay_max = 2 * at_least;
  return retry;
}

struct Sleeper {
  Sleeper(std::shared_ptr<memory::Tables> tables, Millis wait) : store(std::move(tables), Millis(2'000)) {
    catalog.plans_ = {order_plan(1, waiting(wait))};
  }
  ~Sleeper() { engine.reset(); }

  void open(std::string id = "a", Millis cold_after = Millis(60'000), Millis quiet = Millis(5'000)) {
    EngineOptions options;
    options.engine_id = std::move(id);
    options.shard.cold_after = cold_after;
    options.shard.quiet_wait_max = quiet;
    engine = std::make_unique<Engine>(std::move(options), clock, entropy, store, catalog, preparer,
                                      std::vector<EffectAdapter*>{&adapter}, observer);
    ASSERT_EQ(engine->open(), "");
  }
  SagaId start() {
    auto heard = std::make_shared<std::promise<StartReply>>();
    engine->start({0, catalog.plans_.front(), "", "h", R"({"id":1})", {}},
                  [heard](const StartReply& reply) { heard->set_value(reply); });
    return heard->get_future().get().saga;
  }
  std::future<WaitOutcome> wait(const SagaId& saga) {
    auto heard = std::make_shared<std::promise<WaitOutcome>>();
    engine->wait(saga, clock.elapsed() + Millis(20'000),
                 [heard](WaitOutcome outcome) { heard->set_value(outcome); });
    return heard->get_future();
  }
  CommandReply command(const SagaId& saga, Verb verb) {
    auto heard = std::make_shared<std::promise<CommandReply>>();
    engine->command({0, saga, {"c", verb, "ann", "because", "", false, {}}},
                    [heard](const CommandReply& reply) { heard->set_value(reply); });
    return heard->get_future().get();
  }
  bool await(const std::function<bool()>& holds) {
    for (const Elapsed until = clock.elapsed() + Millis(20'000); clock.elapsed() < until;) {
      if (holds()) return true;
      std::this_thread::sleep_for(Millis(1));  // what is waited for has no signal
    }
    return false;
  }
  // Asleep: its row says so, and memory is empty.
  bool await_sleep(const SagaId& saga) {
    return await([&] {
      const auto row = store.find_saga(saga);
      return row && row->wake_at && observer.metrics.live == 0;
    });
  }
  std::string state(const SagaId& saga) { return store.find_saga(saga)->state; }

  SystemClock clock;
  SystemEntropy entropy;
  OneCatalog catalog{{}};
  PlayedPreparer preparer;
  DownAdapter adapter;
  NotingObserver observer;
  memory::MemoryStore store;
  std::unique_ptr<Engine> engine;
};

struct EngineSleepTest : testing::Test {
  std::shared_ptr<memory::Tables> tables = std::make_shared<memory::Tables>();
};

constexpr Millis hour{3'600'000};

TEST_F(EngineSleepTest, ACommandReachesASagaThatSleepsAndItsWaiterHearsTheEnd) {
  Sleeper a(tables, hour);
  a.adapter.down = 1;
  a.open();
  const SagaId saga = a.start();
  ASSERT_TRUE(a.await_sleep(saga));
  auto end = a.wait(saga);
  EXPECT_EQ(end.wait_for(Millis(20)), std::future_status::timeout);

  EXPECT_EQ(a.command(saga, Verb::retry).answer.verdict, Verdict::accepted);

  EXPECT_EQ(end.get(), WaitOutcome::rested);
  EXPECT_EQ(a.state(saga), "completed");
  EXPECT_EQ(a.command(saga, Verb::retry).status, CommandStatus::not_live);
  EXPECT_EQ(a.wait(saga).get(), WaitOutcome::not_live);
}

TEST_F(EngineSleepTest, ItWakesOnTimeOutOfTheStore) {
  Sleeper a(tables, Millis(300));
  a.adapter.down = 1;
  a.open("a", Millis(100), Millis(5));
  const SagaId saga = a.start();
  ASSERT_TRUE(a.await_sleep(saga));
  const WallTime due = *a.store.find_saga(saga)->wake_at;

  EXPECT_EQ(a.wait(saga).get(), WaitOutcome::rested);

  const auto rows = a.store.read_journal(saga, 2, 1);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_GE(rows[0].at, due);
  EXPECT_LT(rows[0].at, due + Millis(100)) << "it was read back too late";
}

TEST_F(EngineSleepTest, ThousandsThatWakeTogetherAllComeBack) {
  Sleeper a(tables, Millis(400));
  a.adapter.down = 3'000;
  a.open("a", Millis(50), Millis(5));
  std::vector<SagaId> sagas;
  for (int i = 0; i < 3'000; ++i) sagas.push_back(a.start());

  EXPECT_TRUE(a.await(
      [&] { return a.observer.metrics.reached[static_cast<std::size_t>(SagaState::completed)] == 3'000u; }));
  EXPECT_EQ(a.adapter.sent.size(), 9'000u);
}

TEST_F(EngineSleepTest, ARestartFindsThemCountsThemAndLeavesThemAsleep) {
  SagaId saga;
  {
    Sleeper a(tables, hour);
    a.adapter.down = 1;
    a.open();
    saga = a.start();
    ASSERT_TRUE(a.await_sleep(saga));
  }
  Sleeper b(tables, hour);
  b.open();

  EXPECT_EQ(b.engine->found().sagas, 1u);
  EXPECT_EQ(b.observer.metrics.live, 0u);
  EXPECT_EQ(b.command(saga, Verb::cancel).answer.verdict, Verdict::accepted);
  EXPECT_TRUE(b.await([&] { return b.state(saga) == "compensated"; }));
}

TEST_F(EngineSleepTest, ACommandForOneThatIsGivenAwayIsObeyedByItsNextOwnerOrRefused) {
  tables = std::make_shared<memory::Tables>(8);
  Sleeper a(tables, hour), b(tables, hour);
  a.adapter.down = 40;
  a.open("a");
  std::vector<SagaId> sagas;
  for (int i = 0; i < 40; ++i) sagas.push_back(a.start());
  for (const SagaId& saga : sagas) ASSERT_TRUE(a.await_sleep(saga));

  std::vector<std::future<CommandReply>> answers;
  std::thread joins([&] { b.open("b"); });
  for (int round = 0; round < 50; ++round)
    for (const SagaId& saga : sagas) {
      auto heard = std::make_shared<std::promise<CommandReply>>();
      answers.push_back(heard->get_future());
      a.engine->command({0, saga, {"c", Verb::skip, "ann", "because", "", false, {}}},
                        [heard](const CommandReply& reply) { heard->set_value(reply); });
    }
  joins.join();
  EXPECT_TRUE(b.await([&] { return b.engine->owned()->ours.size() == 4; }));

  for (auto& answer : answers) {
    const CommandReply reply = answer.get();
    EXPECT_TRUE(reply.status == CommandStatus::elsewhere || reply.status == CommandStatus::unavailable ||
                reply.answer.verdict == Verdict::refused);
  }
  int by_a = 0, by_b = 0;
  for (const SagaId& saga : sagas) {
    by_a += a.command(saga, Verb::retry).status == CommandStatus::answered;
    by_b += b.command(saga, Verb::retry).status == CommandStatus::answered;
  }
  EXPECT_EQ(by_a + by_b, 40);
  EXPECT_GT(by_b, 0);
  for (const SagaId& saga : sagas) EXPECT_TRUE(b.await([&] { return b.state(saga) == "completed"; }));
}

}  // namespace
}  // namespace amends::engine
