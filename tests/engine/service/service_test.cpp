// The service over a real engine and the memory store.
#include "engine/service/service.hpp"

#include <gtest/gtest.h>

#include "adapters/store/memory/memory_store.hpp"
#include "tests/engine/runtime/engine_world.hpp"

namespace amends::engine {
namespace {

template <typename T, typename Call>
T heard(Call call) {
  auto promise = std::make_shared<std::promise<T>>();
  auto future = promise->get_future();
  call([promise](const T& answer) { promise->set_value(answer); });
  return future.get();
}

struct ServiceTest : testing::Test, EngineParts {
  void SetUp() override {
    open(store);
    service = std::make_unique<Service>(*engine, catalog, store, clock, entropy);
  }
  void TearDown() override { engine.reset(); }

  StartRequest order(std::string key = "") const {
    return {"order", std::nullopt, std::move(key), {{"id", 1}}, {{"customer", "c-1"}}};
  }
  Answer<Started> start(const StartRequest& request) {
    return heard<Answer<Started>>([&](auto done) { service->start(request, done); });
  }
  Answer<Verdict> command(const CommandRequest& request) {
    return heard<Answer<Verdict>>([&](auto done) { service->command(request, done); });
  }
  void await(const SagaId& saga) {
    heard<WaitOutcome>([&](auto done) { service->wait(saga, clock.elapsed() + Millis(20'000), done); });
  }

  memory::MemoryStore store{std::make_shared<memory::Tables>()};
  std::unique_ptr<Service> service;
};

TEST_F(ServiceTest, StartsASagaAndShowsItWithItsTagsAndJournal) {
  const auto started = start(order("k"));
  ASSERT_TRUE(started.ok()) << started.sentence;
  await(started.value.saga);

  const auto saga = service->find_saga(started.value.saga);
  ASSERT_TRUE(saga.ok());
  EXPECT_EQ(saga.value.row.state, "completed");
  EXPECT_EQ(saga.value.journal.size(), saga.value.row.seq);
  ASSERT_EQ(saga.value.tags.size(), 1u);
  EXPECT_EQ(saga.value.tags[0].value, "c-1");
  EXPECT_EQ(saga.value.graph["steps"][1]["name"], "charge");
  EXPECT_EQ(saga_view(saga.value)["state"], "completed");
  EXPECT_EQ(service->journal(started.value.saga, 1, 100).value.front().seq, 2u);
}

TEST_F(ServiceTest, TheSameStartAgainIsTheSameSagaAndAnotherBodyIsAConflict) {
  const auto first = start(order("k"));
  StartRequest reordered = order("k");
  const auto again = start(reordered);
  EXPECT_TRUE(again.ok());
  EXPECT_TRUE(again.value.again);
  EXPECT_EQ(again.value.saga, first.value.saga);

  StartRequest other = order("k");
  other.input["id"] = 2;
  const auto conflict = start(other);

  EXPECT_EQ(conflict.error, ServiceError::key_conflict);
  EXPECT_EQ(conflict.value.saga, first.value.saga);
}

TEST_F(ServiceTest, ABatchIsAnsweredOneByOneInItsOrder) {
  StartRequest wrong = order();
  wrong.workflow = "nothing";
  const auto answers = heard<std::vector<Answer<Started>>>([&](auto done) {
    service->start_batch({order("a"), wrong, order("a")}, done);
  });

  ASSERT_EQ(answers.size(), 3u);
  EXPECT_TRUE(answers[0].ok());
  EXPECT_EQ(answers[1].error, ServiceError::unknown_workflow);
  EXPECT_TRUE(answers[2].value.again);
  EXPECT_EQ(answers[2].value.saga, answers[0].value.saga);
  EXPECT_TRUE(
      heard<std::vector<Answer<Started>>>([&](auto done) { service->start_batch({}, done); }).empty());
}

TEST_F(ServiceTest, ACommandForASagaThatIsOverOrUnknownSaysSo) {
  const auto started = start(order());
  await(started.value.saga);

  EXPECT_EQ(command({.saga = started.value.saga,
                     .verb = Verb::cancel,
                     .actor = {},
                     .reason = {},
                     .step = {},
                     .result = {}})
                .error,
            ServiceError::already_over);
  const SagaId nobody = SagaId::make(clock.wall(), 0, 1);
  EXPECT_EQ(
      command({.saga = nobody, .verb = Verb::cancel, .actor = {}, .reason = {}, .step = {}, .result = {}})
          .error,
      ServiceError::not_found);
  EXPECT_EQ(service->find_saga(nobody).error, ServiceError::not_found);
  EXPECT_EQ(service->journal(nobody, 0, 10).error, ServiceError::not_found);
}

TEST_F(ServiceTest, CancelIsAcceptedWhileTheFirstStepIsUnderWayAndUndoesIt) {
  adapter.holding = true;
  const auto started = start(order());
  adapter.await_held(1);
  const auto preview = service->rollback(started.value.saga);
  EXPECT_TRUE(preview.ok());

  const auto verdict = command({.saga = started.value.saga,
                                .verb = Verb::cancel,
                                .actor = "ann",
                                .reason = "no",
                                .step = {},
                                .result = {}});
  EXPECT_TRUE(verdict.ok()) << verdict.sentence;
  EXPECT_EQ(verdict.value, Verdict::accepted);
  adapter.release();
  adapter.await_held(1);
  adapter.release();
  await(started.value.saga);

  EXPECT_EQ(service->find_saga(started.value.saga).value.row.state, "compensated");
}

TEST_F(ServiceTest, AResultIsCheckedAgainstTheStepThatTheCommandWillBeAbout) {
  // It waits too short a while to say so in its row, and no step is named.
  adapter.unfit = {{1, 1'000}};
  engine.reset();
  catalog.plans_ = {order_plan(1, {.delay_first = Millis(4'000), .delay_max = Millis(4'000)})};
  SetUp();
  const SagaId saga = start(order()).value.saga;
  while (saga_view(service->find_saga(saga).value)["steps"][1]["state"] != "backing_off")
    std::this_thread::yield();
  ASSERT_EQ(service->find_saga(saga).value.row.step, "");
  CommandRequest resolve{.saga = saga,
                         .verb = Verb::resolve,
                         .actor = "ann",
                         .reason = "seen",
                         .step = {},
                         .happened = true,
                         .result = Json{{"wrong", 1}}};

  const auto wrong = command(resolve);
  resolve.result = Json{{"id", 3}};
  const auto right = command(resolve);

  EXPECT_EQ(wrong.error, ServiceError::invalid);
  EXPECT_EQ(wrong.sentence, "in the result, 'id' is missing");
  EXPECT_TRUE(right.ok()) << right.sentence;
  await(saga);
  EXPECT_EQ(saga_view(service->find_saga(saga).value)["steps"][1]["result"]["id"], 3);
}

TEST_F(ServiceTest, ListsBySagaState) {
  const auto started = start(order());
  await(started.value.saga);
  SagaFilter filter;
  filter.state = "completed";

  const auto page = service->list(filter, std::nullopt, 10);

  ASSERT_TRUE(page.ok());
  ASSERT_EQ(page.value.sagas.size(), 1u);
  EXPECT_EQ(page.value.sagas[0].row.id, started.value.saga);
  EXPECT_FALSE(page.value.sagas[0].asked_since);
}

TEST_F(ServiceTest, AfterStoppingEveryStartHearsIt) {
  engine->stop(Millis(0));

  EXPECT_EQ(start(order()).error, ServiceError::stopping);
}

}  // namespace
}  // namespace amends::engine
