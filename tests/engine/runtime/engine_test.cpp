// The engine with its threads.
#include <gtest/gtest.h>

#include "tests/engine/runtime/engine_world.hpp"

namespace amends::engine {
namespace {

bool over(WaitOutcome outcome) {
  return outcome == WaitOutcome::rested || outcome == WaitOutcome::not_live;
}

TEST(Engine, RunsASagaToItsEnd) {
  EngineWorld w;
  w.open();
  const StartReply started = w.start("k");
  ASSERT_EQ(started.status, StartStatus::created);

  EXPECT_TRUE(over(w.wait(started.saga)));

  EXPECT_EQ(w.state(started.saga), "completed");
  EXPECT_EQ(w.start("k").status, StartStatus::same);
}

TEST(Engine, TakesStartsFromManyThreads) {
  EngineWorld w;
  w.open();
  std::mutex mutex;
  std::vector<SagaId> sagas;
  std::vector<std::thread> callers;
  for (int t = 0; t < 4; ++t)
    callers.emplace_back([&] {
      for (int i = 0; i < 100; ++i) {
        const StartReply reply = w.start();
        std::lock_guard lock(mutex);
        if (reply.status == StartStatus::created) sagas.push_back(reply.saga);
      }
    });
  for (std::thread& caller : callers) caller.join();

  ASSERT_EQ(sagas.size(), 400u);
  for (const SagaId& saga : sagas) {
    EXPECT_TRUE(over(w.wait(saga)));
    EXPECT_EQ(w.state(saga), "completed");
  }
  EXPECT_EQ(w.observer.metrics.started, 400u);
  EXPECT_EQ(w.observer.metrics.reached[static_cast<std::size_t>(SagaState::completed)], 400u);
}

TEST(Engine, AWaiterWhoseTimeIsUpHearsIt) {
  EngineWorld w;
  w.adapter.holding = true;
  w.open();
  const StartReply started = w.start();

  EXPECT_EQ(w.wait(started.saga, Millis(5)), WaitOutcome::time_up);
  w.adapter.release();
}

TEST(Engine, StoppingWaitsForWhatIsInFlightAndLeavesTheNextIntentToItsSuccessor) {
  EngineWorld w;
  w.adapter.holding = true;
  EngineOptions options;
  options.shard.hold_max =
      Millis(20'000);  // however slow the machine, the next intent comes with the outcome
  w.open(options);
  const StartReply started = w.start();
  w.adapter.await_held(1);

  std::thread stopper([&] { w.engine->stop(Millis(20'000)); });
  w.adapter.await_stopping();
  EXPECT_EQ(w.start().status, StartStatus::unavailable);
  w.adapter.release();
  stopper.join();

  EXPECT_EQ(w.adapter.sent.size(), 1u);
  EXPECT_NE(w.store.journal[started.saga].back().body.find("attempt"), std::string::npos);
  w.adapter.holding = false;
  w.open();
  EXPECT_TRUE(over(w.wait(started.saga)));
  EXPECT_EQ(w.state(started.saga), "completed");
}

TEST(Engine, OneWaitTooManyIsAnsweredAtOnce) {
  EngineWorld w;
  w.adapter.holding = true;
  EngineOptions options;
  options.waits_max = 1;
  w.open(options);
  const StartReply started = w.start();
  std::promise<WaitOutcome> first;
  w.engine->wait(started.saga, w.clock.elapsed() + Millis(60'000),
                 [&](WaitOutcome outcome) { first.set_value(outcome); });

  EXPECT_EQ(w.wait(started.saga, Millis(3'600'000)), WaitOutcome::time_up);
  w.engine->stop(Millis(0));
  EXPECT_EQ(first.get_future().get(), WaitOutcome::stopping);
}

TEST(Engine, ACommandTooManyIsAnsweredAtOnce) {
  EngineWorld w;
  w.adapter.holding = true;
  EngineOptions options;
  options.commands_waiting_max = 0;
  w.open(options);
  const StartReply started = w.start();
  std::promise<CommandReply> heard;

  w.engine->command({0, started.saga, {}}, [&](const CommandReply& reply) { heard.set_value(reply); });

  EXPECT_EQ(heard.get_future().get().sentence, "too many commands are waiting");
}

TEST(Engine, AWaiterHearsThatTheEngineStops) {
  EngineWorld w;
  w.adapter.holding = true;
  w.open();
  const StartReply started = w.start();
  std::promise<WaitOutcome> heard;
  w.engine->wait(started.saga, w.clock.elapsed() + Millis(60'000),
                 [&](WaitOutcome outcome) { heard.set_value(outcome); });

  w.engine->stop(Millis(0));

  EXPECT_EQ(heard.get_future().get(), WaitOutcome::stopping);
}

TEST(Engine, WhoCallsAfterItHasStoppedIsAnsweredAtOnce) {
  EngineWorld w;
  w.open();
  const StartReply started = w.start();
  w.engine->stop(Millis(0));
  std::vector<std::string> heard;

  w.engine->start({0, w.catalog.plans_.front(), "k", "h", "{}", {}},
                  [&](const StartReply& reply) { heard.push_back(reply.sentence); });
  w.engine->command({0, started.saga, {}},
                    [&](const CommandReply& reply) { heard.push_back(reply.sentence); });
  w.engine->wait(started.saga, w.clock.elapsed() + Millis(60'000), [&](WaitOutcome outcome) {
    heard.push_back(outcome == WaitOutcome::stopping ? "stopping" : "something else");
  });

  EXPECT_EQ(heard,
            (std::vector<std::string>{"the engine is stopping", "the engine is stopping", "stopping"}));
}

TEST(Engine, OpeningOverAStoreThatCannotBeReadIsGivenUpWhenAsked) {
  struct Unreadable : ScriptedStore {
    std::vector<SavedSaga> load_live(ShardId, std::optional<SagaId>, std::uint32_t) override {
      throw StoreUnavailable{"io", "it does not answer"};
    }
  };
  EngineParts parts;
  Unreadable store;
  int asked = 0;
  parts.engine =
      std::make_unique<Engine>(EngineOptions{}, parts.clock, parts.entropy, store, parts.catalog,
                               parts.preparer, std::vector<EffectAdapter*>{&parts.adapter}, parts.observer);

  EXPECT_EQ(parts.engine->open([&] { return ++asked > 2; }), "stopped before the sagas were read back");

  EXPECT_FALSE(parts.engine->ready());
  parts.engine.reset();
}

TEST(Engine, ComesBackFromACommitInDoubtByItself) {
  EngineWorld w;
  w.open();
  w.store.fates = {ScriptedStore::Fate::landed_unheard};
  const StartReply started = w.start("k");

  EXPECT_EQ(started.status, StartStatus::created);
  EXPECT_TRUE(over(w.wait(started.saga)));
  EXPECT_EQ(w.state(started.saga), "completed");
}

TEST(Engine, AnAuthorsFunctionThatHangsFailsItsStepAndHoldsNobody) {
  std::promise<void> let_go;
  const auto gone = let_go.get_future().share();
  std::atomic<int> hanging{0};
  std::promise<void> returned;
  EngineWorld w;
  w.preparer.before = [&](const Plan&, StepIndex step) {
    if (step != 1 || hanging++ > 0) return;
    gone.wait();
    returned.set_value();
  };
  EngineOptions options;
  options.prepare.limit = Millis(20);
  w.open(options);

  const StartReply stuck = w.start();
  EXPECT_TRUE(over(w.wait(stuck.saga)));
  const StartReply other = w.start();
  EXPECT_TRUE(over(w.wait(other.saga)));

  EXPECT_EQ(w.state(other.saga), "completed");
  const SagaRow row = *w.store.find_saga(stuck.saga);
  EXPECT_EQ(row.state, "needs_operator");
  EXPECT_EQ(row.error_class, "author_error");
  EXPECT_NE(w.store.journal[stuck.saga].back().body.find("took longer than 20 ms"), std::string::npos);
  let_go.set_value();
  returned.get_future().wait();
}

TEST(Engine, AnEndpointThatNobodyConfiguredFailsTheStepWithASentence) {
  EngineWorld w;
  w.preparer.endpoint = "nowhere";
  w.open();
  const StartReply started = w.start();

  EXPECT_TRUE(over(w.wait(started.saga)));

  EXPECT_EQ(w.state(started.saga), "compensated");
  EXPECT_NE(w.store.journal[started.saga].back().body.find("'nowhere', which is not configured"),
            std::string::npos);
}

PlanPtr plan_asking(const std::string& endpoint) {
  std::vector<Step> steps = order_plan()->steps();
  steps[2].adapter = "played";
  steps[2].endpoint = endpoint;
  return std::make_shared<const Plan>("order", 1, "Order{id}", std::move(steps));
}

TEST(Engine, APlanThatAsksAnEndpointWhichNobodyConfiguredIsRefusedAndItsSagasGoOnOnceItIs) {
  ScriptedStore store;
  SagaId saga;
  {
    EngineParts before;
    before.catalog.plans_ = {plan_asking("participant")};
    before.adapter.holding = true;
    before.open(store);
    saga = before.start().saga;
    before.adapter.await_held(1);
    before.engine.reset();
  }
  {
    EngineParts without;
    without.catalog.plans_ = {plan_asking("elsewhere")};
    without.open(store);
    EXPECT_EQ(without.engine->refused_plans().at("order@1"),
              "order@1: 'ship' asks the played endpoint 'elsewhere', which is not configured");
    EXPECT_EQ(without.engine->found().set_aside, 1u);
    EXPECT_EQ(without.wait(saga, Millis(5)), WaitOutcome::time_up);
    EXPECT_TRUE(without.adapter.sent.empty());
    without.engine->stop(Millis(2'000));
    EXPECT_EQ(store.find_saga(saga)->error_class, "definition_missing");
    without.engine.reset();
  }

  EngineParts again;
  again.catalog.plans_ = {plan_asking("participant")};
  again.open(store);

  EXPECT_EQ(again.engine->found().in_doubt, 1u);
  EXPECT_TRUE(over(again.wait(saga)));
  EXPECT_EQ(store.find_saga(saga)->state, "completed");
}

TEST(Engine, IsNotReadyWhileItsStoreHasNoRoomAndFindsOutByItselfThatThereIsSomeAgain) {
  EngineWorld w;
  w.open();
  w.store.fates = {ScriptedStore::Fate::disk_full, ScriptedStore::Fate::disk_full,
                   ScriptedStore::Fate::disk_full, ScriptedStore::Fate::disk_full};
  ASSERT_EQ(w.start().status, StartStatus::disk_full);
  EXPECT_EQ(w.engine->readiness(), Engine::Readiness::disk_full);
  while (w.engine->why_not_ready().empty() && !w.engine->ready()) std::this_thread::yield();
  EXPECT_EQ(w.engine->why_not_ready(), "the store has no room: no room");
  EXPECT_EQ(w.observer.metrics.refusing, 1u);

  while (!w.engine->ready()) std::this_thread::yield();

  EXPECT_EQ(w.observer.metrics.refusing, 0u);
  EXPECT_EQ(w.start().status, StartStatus::created);
  EXPECT_EQ(w.engine->why_not_ready(), "");
}

TEST(Engine, RefusesAPlanWhoseShapeChangedUnderItsVersion) {
  EngineWorld w;
  w.store.plan_rows["order@1"] = {"order@1", "order", 1, "another shape", "{}"};
  w.open();

  EXPECT_TRUE(w.engine->refused_plans().contains("order@1"));
}

}  // namespace
}  // namespace amends::engine
