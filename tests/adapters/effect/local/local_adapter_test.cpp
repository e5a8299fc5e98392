// Which attempts a local function is called for, and what becomes of those that do not come back.
#include <fstream>
#include <sstream>

#include "adapters/effect/local/answer.hpp"
#include "tests/adapters/effect/local/local_world.hpp"

namespace amends::effect_local {
namespace {

TEST(Local, HasOneEndpointWithoutAnyConfiguration) {
  LocalWorld w({});

  ASSERT_NE(w.adapter->find_endpoint("pool"), nullptr);
  EXPECT_EQ(w.adapter->find_endpoint("pool")->idempotency, engine::Idempotency::key);
  EXPECT_EQ(w.adapter->find_endpoint("other"), nullptr);
  EXPECT_EQ(w.adapter->name(), "local");
}

TEST(Local, AnswersEachAttemptOnceWithWhatItsFunctionSays) {
  LocalWorld w({.threads = 3});
  std::vector<engine::Attempt> attempts;
  for (std::uint64_t i = 0; i < 1'000; ++i) attempts.push_back(w.attempt("quick", i));

  w.submit(std::move(attempts));

  std::set<engine::SagaId> sagas;
  for (const engine::Answered& one : w.sink.wait(1'000)) {
    EXPECT_EQ(one.reply.outcome, Outcome::done);
    EXPECT_EQ(one.reply.result, "\"quick\"");
    sagas.insert(one.saga);
  }
  EXPECT_EQ(sagas.size(), 1'000u);
  EXPECT_EQ(w.adapter->in_flight(), 0u);
}

TEST(Local, NothingWaitsBehindASlowFunctionWhileAThreadIsFree) {
  LocalWorld w({.threads = 2});
  w.submit("hang", 1);
  w.functions.await_begun(1);

  std::vector<engine::Attempt> attempts;
  for (std::uint64_t i = 2; i < 12; ++i) attempts.push_back(w.attempt("quick", i));
  w.submit(std::move(attempts));

  EXPECT_EQ(w.sink.wait(10).size(), 10u);
  EXPECT_EQ(w.adapter->in_flight(), 1u);
}

TEST(Local, UsesAllItsThreadsForFunctionsThatBlock) {
  LocalWorld w({.threads = 6});
  for (std::uint64_t i = 0; i < 6; ++i) w.submit("other", i);
  w.functions.await_begun(6);
  w.functions.release("other");
  w.sink.wait(6);  // now they sleep, or are about to
  std::vector<engine::Attempt> attempts;
  for (std::uint64_t i = 0; i < 6; ++i) attempts.push_back(w.attempt("hang", i));

  w.submit(std::move(attempts));
  w.functions.await_begun(12);
  w.functions.release("hang");

  EXPECT_EQ(w.sink.wait(12).size(), 12u);
  EXPECT_EQ(w.functions.most, 6u);
}

TEST(Local, WhatWasDoneBeforeAFunctionHangsIsAnswered) {
  LocalWorld w({.threads = 1});
  std::vector<engine::Attempt> attempts;
  for (const char* body : {"quick", "quick", "hang"}) attempts.push_back(w.attempt(body, attempts.size()));

  w.submit(std::move(attempts));
  w.functions.await_begun(3);
  w.clock.pass(Millis(10));

  EXPECT_EQ(w.sink.wait(2).size(), 2u);
}

TEST(Local, AFunctionBeyondItsTimeoutIsUnknownAndItsPlaceIsTaken) {
  LocalWorld w({.threads = 1});
  w.submit("hang", 1);
  w.functions.await_begun(1);

  w.clock.pass(Millis(1'001));
  EXPECT_EQ(w.reply_of(0).outcome, Outcome::unknown);
  EXPECT_EQ(w.reply_of(0).error_class, "timeout");
  EXPECT_EQ(w.adapter->stuck_threads(), 1u);
  w.submit("quick", 2);

  EXPECT_EQ(w.reply_of(1).outcome, Outcome::done);
}

TEST(Local, ALateResultIsNotDelivered) {
  LocalWorld w({.threads = 1});
  w.submit("hang", 1);
  w.functions.await_begun(1);
  w.clock.pass(Millis(1'001));
  w.sink.wait(1);

  w.functions.release("hang");
  while (w.adapter->stuck_threads() > 0) std::this_thread::yield();
  w.submit("quick", 2);

  EXPECT_EQ(w.sink.wait(2).size(), 2u);
}

// Neither twice at once, nor beside its undo: what it is doing, nobody knows.
TEST(Local, WhileAFunctionIsGivenUpNeitherItNorItsUndoIsCalledForThatSaga) {
  LocalWorld w({.threads = 2});
  w.submit("hang", 1);
  w.functions.await_begun(1);
  w.clock.pass(Millis(1'001));
  w.sink.wait(1);

  w.submit("quick", 1);
  EXPECT_EQ(w.reply_of(1).outcome, Outcome::transient);
  EXPECT_EQ(w.reply_of(1).error_class, "still_running");
  w.submit("quick", 1, Direction::undo);
  EXPECT_EQ(w.reply_of(2).error_class, "still_running");
  EXPECT_EQ(w.functions.count_begun(), 1u);
  w.functions.release("hang");
  while (w.adapter->stuck_threads() > 0) std::this_thread::yield();
  w.submit("quick", 1);

  EXPECT_EQ(w.reply_of(3).outcome, Outcome::done);
}

TEST(Local, TooManyLostThreadsAreRefusedAsTransientUntilOneComesBack) {
  LocalWorld w({.threads = 1, .stuck_max = 1});
  for (std::uint64_t saga = 1; saga <= 2; ++saga) {
    w.submit(saga == 1 ? "hang" : "other", saga);
    w.functions.await_begun(saga);
    w.clock.pass(Millis(1'001));
    w.sink.wait(saga);
  }

  w.submit("quick", 3);
  EXPECT_EQ(w.reply_of(2).outcome, Outcome::transient);
  EXPECT_EQ(w.reply_of(2).error_class, "threads_stuck");
  w.functions.release("other");
  while (w.adapter->stuck_threads() > 1) std::this_thread::yield();
  w.submit("quick", 3);

  EXPECT_EQ(w.reply_of(3).outcome, Outcome::done);
}

TEST(Local, WhatWaitsWhenTheLastThreadIsLostIsAnswered) {
  LocalWorld w({.threads = 1, .stuck_max = 0});
  w.submit("hang", 1);
  w.functions.await_begun(1);
  w.submit("quick", 2);

  w.clock.pass(Millis(1'001));
  const auto answers = w.sink.wait(2);

  EXPECT_EQ(answers.at(0).reply.error_class, "timeout");
  EXPECT_EQ(answers.at(1).reply.error_class, "threads_stuck");
}

TEST(Local, AFunctionIsNotBegunAfterItsAttemptsTime) {
  LocalWorld w({.threads = 1});
  std::vector<engine::Attempt> late, punctual;
  late.push_back(w.attempt("quick", 1));
  late.back().not_after = w.clock.wall() - engine::Micros(1);
  punctual.push_back(w.attempt("quick", 2));
  punctual.back().not_after = w.clock.wall();

  w.submit(std::move(late));
  EXPECT_EQ(w.reply_of(0).outcome, Outcome::transient);
  EXPECT_EQ(w.reply_of(0).error_class, "not_begun_in_time");
  w.submit(std::move(punctual));

  EXPECT_EQ(w.reply_of(1).outcome, Outcome::done);
  EXPECT_EQ(w.functions.count_begun(), 1u);
}

TEST(Local, AnotherEndpointIsUnknown) {
  LocalWorld w({});
  std::vector<engine::Attempt> attempts;
  attempts.push_back(w.attempt("quick", 1));
  attempts.back().request = std::make_shared<engine::Request>(engine::Request{"local", "there", "quick"});

  w.submit(std::move(attempts));

  EXPECT_EQ(w.reply_of(0).outcome, Outcome::transient);
  EXPECT_EQ(w.reply_of(0).error_class, "unknown_endpoint");
}

TEST(LocalStop, WaitsForWhatIsAtWorkAndBeginsNothing) {
  LocalWorld w({.threads = 1});
  w.submit("hang", 1);
  w.functions.await_begun(1);
  w.submit("quick", 2);

  std::thread stopping([&] { w.adapter->stop(std::chrono::minutes(5)); });
  EXPECT_EQ(w.reply_of(0).error_class, "stopping");
  EXPECT_EQ(w.reply_of(0).outcome, Outcome::transient);
  w.functions.release("hang");
  stopping.join();

  EXPECT_EQ(w.reply_of(1).outcome, Outcome::done);
  w.submit("quick", 3);
  EXPECT_EQ(w.reply_of(2).error_class, "stopping");
  EXPECT_EQ(w.functions.count_begun(), 1u);
}

TEST(LocalStop, LeavesWhatDoesNotComeBack) {
  LocalWorld w({.threads = 1});
  w.submit("hang", 1);
  w.functions.await_begun(1);

  w.adapter->stop(Millis(1));

  EXPECT_EQ(w.reply_of(0).outcome, Outcome::unknown);
  EXPECT_EQ(w.reply_of(0).error_class, "stopped");
  EXPECT_EQ(w.adapter->stuck_threads(), 1u);
}

// "| `timeout` | unknown | ...": the page that authors read is this table in words.
TEST(LocalTable, StandsOnTheAuthorsPage) {
  std::stringstream page;
  page << std::ifstream(SOURCE_DIR "/docs/authoring/local-steps.md").rdbuf();

  for (std::size_t i = 0; i < refusal_rows().size(); ++i) {
    const RefusalRow& row = refusal_rows()[i];
    EXPECT_EQ(static_cast<std::size_t>(row.refusal), i);
    const std::string line =
        "| `" + std::string(row.error_class) + "` | " + std::string(engine::name_of(row.outcome)) + " | ";
    EXPECT_NE(page.str().find(line), std::string::npos) << line;
  }
}

}  // namespace
}  // namespace amends::effect_local
