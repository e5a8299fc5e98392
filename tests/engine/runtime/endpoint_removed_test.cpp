// A restart under a configuration that lacks an endpoint, while an attempt at it is in doubt.
#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>

#include "adapters/effect/http/http_adapter.hpp"
#include "adapters/store/sqlite/sqlite_store.hpp"
#include "tests/engine/runtime/engine_world.hpp"

namespace amends::engine {
namespace {

// The endpoint is configured and whole, or one step's reply is lost on it, or it is configured no more.
class Line : public EffectAdapter {
 public:
  std::string_view name() const override { return "played"; }
  const EndpointFacts* find_endpoint(std::string_view) const override { return removed ? nullptr : &facts_; }
  void submit(std::vector<Attempt> attempts, ReplySink& sink) override {
    std::vector<Answered> answers;
    const std::size_t count = attempts.size();
    for (const Attempt& a : attempts)
      if (a.step != lost) answers.push_back({a.saga, a.step, a.direction, a.number, reply(a)});
    removed ? http_.submit(std::move(attempts), sink) : sink.deliver(std::move(answers));
    std::lock_guard lock(mutex_);
    submitted_ += count;
    changed_.notify_all();
  }
  void stop(Millis) override {}
  std::size_t in_flight() const override { return 0; }
  void await_submitted(std::size_t in_all) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return submitted_ >= in_all; });
  }

  bool removed = false;
  std::optional<StepIndex> lost;  // its replies
  std::vector<std::string> undone;

 private:
  Reply reply(const Attempt& attempt) {
    Reply reply;
    if (attempt.direction == Direction::undo && !removed) undone.push_back(attempt.step_name);
    reply.outcome = Outcome::done;
    reply.result = R"({"id":7})";
    return reply;
  }

  EndpointFacts facts_{Idempotency::key, Millis(0)};
  http::HttpAdapter http_{{}, {}};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t submitted_ = 0;
};

struct EndpointRemoved : testing::Test, EngineParts {
  void SetUp() override {
    char name[] = "/tmp/amends-endpoint-XXXXXX";
    ASSERT_NE(mkdtemp(name), nullptr);
    dir = name;
    catalog.plans_ = {order_plan(1, {.delay_first = Millis(1), .delay_max = Millis(5), .attempts_max = 3})};
  }
  void TearDown() override {
    close();
    std::filesystem::remove_all(dir);
  }
  void close() {
    if (engine) engine->stop(Millis(0));
    engine.reset();
    store.reset();
  }
  void reopen() {
    close();
    auto opened = sqlite::SqliteStore::open(dir);
    ASSERT_NE(opened.store, nullptr) << opened.error;
    store = std::move(opened.store);
    engine = std::make_unique<Engine>(EngineOptions{}, clock, entropy, *store, catalog, preparer,
                                      std::vector<EffectAdapter*>{&line}, observer);
    ASSERT_EQ(engine->open(), "");
  }
  CommandReply retry(const SagaId& saga, std::string step) {
    std::promise<CommandReply> heard;
    CommandEvent event;
    event.command_id = "c1", event.verb = Verb::retry, event.step = std::move(step);
    engine->command({0, saga, event}, [&heard](const CommandReply& reply) { heard.set_value(reply); });
    return heard.get_future().get();
  }

  std::filesystem::path dir;
  std::unique_ptr<sqlite::SqliteStore> store;
  Line line;
};

TEST_F(EndpointRemoved, APivotInDoubtIsAskedUntilItIsBackAndNothingIsTakenBack) {
  reopen();
  line.lost = 1;
  const SagaId saga = start().saga;
  line.await_submitted(2);
  close();

  line.removed = true;
  reopen();
  line.await_submitted(2 + 5);  // more than attempts_max
  close();
  EXPECT_EQ(line.undone, std::vector<std::string>{});

  line.removed = false, line.lost.reset();
  reopen();
  wait(saga);
  EXPECT_EQ(store->find_saga(saga)->state, "completed");
  EXPECT_EQ(line.undone, std::vector<std::string>{});
}

TEST_F(EndpointRemoved, AReversibleStepInDoubtIsUndoneOnceItIsBack) {
  reopen();
  line.lost = 0;
  const SagaId saga = start().saga;
  line.await_submitted(1);
  close();

  line.removed = true;
  reopen();
  wait(saga);
  EXPECT_EQ(store->find_saga(saga)->state, "needs_operator") << "its undo cannot be sent either";
  close();

  line.removed = false, line.lost.reset();
  reopen();
  EXPECT_EQ(retry(saga, "reserve").answer.verdict, Verdict::accepted);
  wait(saga);
  EXPECT_EQ(store->find_saga(saga)->state, "compensated");
  EXPECT_EQ(line.undone, std::vector<std::string>{"reserve"});
}

}  // namespace
}  // namespace amends::engine
