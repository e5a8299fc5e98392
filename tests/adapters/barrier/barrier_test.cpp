#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <stdexcept>
#include <thread>
#include <vector>

#include "tests/adapters/barrier/participant.hpp"

namespace amends {
namespace {

class BarrierTest : public testing::Test {
 protected:
  BarrierResult run(int revision = 1, bool reject = false) {
    return barrier.call({"s", "reserve", BarrierDirection::run, revision, not_after}, [&] {
      participant.write_effect("reserve", "run");
      return BarrierAnswer{reject, reject ? 409 : 201, "{\"n\":" + std::to_string(++answers) + "}"};
    });
  }
  BarrierResult undo(int revision = 1, bool reject = false) {
    return barrier.call({"s", "reserve", BarrierDirection::undo, revision, not_after}, [&] {
      participant.write_effect("reserve", "undo");
      return BarrierAnswer{reject, reject ? 409 : 200, "{\"n\":" + std::to_string(++answers) + "}"};
    });
  }

  std::int64_t now = 1'000;
  std::optional<std::int64_t> not_after;
  int answers = 0;
  Participant participant;
  Barrier barrier{participant.db(), [this] { return now; }};
};

TEST_F(BarrierTest, ADuplicateHearsTheFirstAnswerAndChangesNothing) {
  const auto first = run();
  const auto second = run();

  EXPECT_EQ(first.code, BarrierCode::applied);
  EXPECT_EQ(second.code, BarrierCode::replayed);
  EXPECT_EQ(second.answer, first.answer);
  EXPECT_EQ(second.answer.status, 201);
  EXPECT_EQ(participant.effects("run"), 1);
}

TEST_F(BarrierTest, AnEarlyUndoIsEmptyAndKeepsTheStepFromEverHappening) {
  EXPECT_EQ(undo().code, BarrierCode::empty_undo);
  EXPECT_EQ(undo().code, BarrierCode::empty_undo)
      << "its duplicate says so again: the first answer may be lost";

  EXPECT_EQ(run().code, BarrierCode::fenced);
  EXPECT_EQ(run(2).code, BarrierCode::fenced);
  EXPECT_EQ(participant.count("select count(*) from effect"), 0);
}

TEST_F(BarrierTest, ALateRunAfterItsUndoIsFenced) {
  run();
  EXPECT_EQ(undo().code, BarrierCode::applied);

  EXPECT_EQ(run().code, BarrierCode::fenced);
  EXPECT_EQ(undo().code, BarrierCode::replayed);
  EXPECT_EQ(participant.effects("run"), 1);
  EXPECT_EQ(participant.effects("undo"), 1);
}

TEST_F(BarrierTest, ARejectionIsKeptButNothingThatTheWorkWrote) {
  const auto first = run(1, true);
  const auto second = run(1, false);

  EXPECT_EQ(first.code, BarrierCode::applied);
  EXPECT_EQ(second.code, BarrierCode::replayed);
  EXPECT_EQ(second.answer, first.answer);
  EXPECT_EQ(participant.effects("run"), 0);
  EXPECT_EQ(undo().code, BarrierCode::empty_undo);
}

TEST_F(BarrierTest, ANewRevisionRunsAgainAfterARejectionButNotAfterASuccess) {
  run(1, true);
  EXPECT_EQ(run(2).code, BarrierCode::applied);

  EXPECT_EQ(run(3).code, BarrierCode::replayed);
  EXPECT_EQ(participant.effects("run"), 1);
}

TEST_F(BarrierTest, AnOlderRevisionThatComesLateIsFenced) {
  run(2, true);

  EXPECT_EQ(run(1).code, BarrierCode::fenced);
  EXPECT_EQ(participant.effects("run"), 0);
}

TEST_F(BarrierTest, OneUndoCoversAllRevisions) {
  run(1, true);
  run(2);
  EXPECT_EQ(undo().code, BarrierCode::applied);

  EXPECT_EQ(run(3).code, BarrierCode::fenced);
}

TEST_F(BarrierTest, AnUndoThatTheBusinessRefusesMayBeAskedAgainUnderANewRevision) {
  run();
  EXPECT_TRUE(undo(1, true).answer.rejected);
  EXPECT_EQ(undo(1).code, BarrierCode::replayed);

  EXPECT_EQ(undo(2).code, BarrierCode::applied);
  EXPECT_EQ(participant.effects("undo"), 1);
}

TEST_F(BarrierTest, ACallAfterItsNotAfterIsNotExecutedAndNotKept) {
  not_after = 999;
  EXPECT_EQ(run().code, BarrierCode::expired);
  EXPECT_EQ(undo().code, BarrierCode::expired);
  EXPECT_EQ(participant.count("select count(*) from amends_barrier"), 0);

  not_after = 1'000;
  EXPECT_EQ(run().code, BarrierCode::applied);
}

TEST_F(BarrierTest, WorkThatThrowsLeavesNothingAndMayRunAgain) {
  const auto broken = [&]() -> BarrierAnswer {
    participant.write_effect("reserve", "run");
    throw std::runtime_error("power cut");
  };
  EXPECT_THROW(barrier.call({"s", "reserve"}, broken), std::runtime_error);
  EXPECT_EQ(participant.effects("run"), 0);

  EXPECT_EQ(run().code, BarrierCode::applied);
}

TEST_F(BarrierTest, AnOpenTransactionIsRefusedBecauseItsRollbackWouldTakeTheRowAway) {
  participant.run("begin");
  try {
    run();
    FAIL();
  } catch (const BarrierError& error) {
    EXPECT_TRUE(error.surely_nothing);
  }
  participant.run("rollback");
}

TEST_F(BarrierTest, RowsOlderThanWhatIsRememberedMayGo) {
  run();
  EXPECT_EQ(barrier.forget_before(1'000), 0);
  EXPECT_EQ(barrier.forget_before(1'001), 1);
}

TEST(BarrierKey, IsTakenApartFromTheRight) {
  const auto call = parse_barrier_key("0198f0b2-7a31-7c04-9f00-2f6d3c1b7a55/reserve-stock[3]/undo/12");
  ASSERT_TRUE(call.has_value());
  EXPECT_EQ(call->saga, "0198f0b2-7a31-7c04-9f00-2f6d3c1b7a55");
  EXPECT_EQ(call->step, "reserve-stock[3]");
  EXPECT_EQ(call->direction, BarrierDirection::undo);
  EXPECT_EQ(call->revision, 12);

  for (const char* bad : {"", "a", "a/b/run", "a/b/walk/1", "a/b/run/", "a/b/run/0", "a/b/run/-1",
                          "a/b/run/1x", "/b/run/1", "a//run/1", "a/b/run/99999999999999999999"})
    EXPECT_FALSE(parse_barrier_key(bad).has_value()) << bad;
}

TEST(BarrierThreads, ConcurrentDuplicatesApplyOnceAndHearOneAnswer) {
  const std::string path = testing::TempDir() + "barrier_" + std::to_string(::getpid()) + ".db";
  { Participant create(path); }
  std::atomic<int> applied{0}, others{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      Participant participant(path);
      Barrier barrier(participant.db(), Barrier::system_now_ms, 30'000);
      for (int i = 0; i < 25; ++i) {
        const auto step = "step-" + std::to_string(i);
        const auto result = barrier.call({"s", step}, [&] {
          participant.write_effect(step, "run");
          return BarrierAnswer{.body = step};
        });
        EXPECT_EQ(result.answer.body, step);
        ++(result.code == BarrierCode::applied ? applied : others);
      }
    });
  }
  for (auto& thread : threads) thread.join();

  EXPECT_EQ(applied, 25);
  EXPECT_EQ(others, 75);
  for (const char* suffix : {"", "-wal", "-shm"}) std::remove((path + suffix).c_str());
}

}  // namespace
}  // namespace amends
