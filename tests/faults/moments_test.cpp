// Connections that end at a chosen moment: inside a flush in both directions, inside a take-over, while sagas
// are read back, and at any moment at all.
#include <atomic>
#include <random>

#include "tests/faults/fault_world.hpp"

namespace amends::engine {
namespace {

using testing_support::postgres_server;
using Way = FaultPoint::Way;

// Whatever rows it has: its name goes on with their kinds.
const std::string any_flush = std::string(1, '\0') + "flush";

class MomentTest : public testing::Test {
 protected:
  // A start whose flush meets the fault, asked again until it is taken.
  void start_into(FaultPoint point, FaultAction action) {
    const std::string key = "cut-" + std::to_string(++cuts);
    world.proxy.arm(std::move(point), action);
    const StartReply first = world.start(key);
    ASSERT_TRUE(world.proxy.wait_for_fault());
    EXPECT_TRUE(first.status == StartStatus::created || first.status == StartStatus::unavailable)
        << first.sentence;
    world.start_until_taken(key);
    if (first.status == StartStatus::created) {
      EXPECT_EQ(world.acknowledged[key], first.saga);
    }
  }

  FaultWorld world{postgres_server()};
  int cuts = 0;
};

TEST_F(MomentTest, AFlushThatIsCutOnItsWayThereIsLostAndNobodyWasToldOtherwise) {
  for (const std::size_t bytes : {0, 1, 60, 300, 700}) {
    start_into({.text = any_flush, .bytes_after = bytes}, FaultAction::cut);
    EXPECT_NE(world.engine_said().find("turned out to be lost"), std::string::npos);
  }

  world.expect_nothing_lost_or_doubled();
}

TEST_F(MomentTest, AFlushWhoseAnswerIsLostIsFoundAndNotWrittenTwice) {
  for (int round = 0; round < 5; ++round) {
    start_into({.text = any_flush}, FaultAction::swallow_answer);
  }

  world.expect_nothing_lost_or_doubled();
  EXPECT_NE(world.engine_said().find("turned out to be durable"), std::string::npos) << world.engine_said();
}

TEST_F(MomentTest, AnAnswerThatIsCutInTheMiddleIsNoAnswer) {
  for (const std::size_t bytes : {1, 5, 11, 40, 90}) {
    start_into({.way = Way::to_client, .bytes_after = bytes}, FaultAction::cut);
  }

  world.expect_nothing_lost_or_doubled();
}

TEST_F(MomentTest, ATakeOverThatIsCutAtAnyStatementInBothDirectionsIsBegunAgain) {
  world.start_held(5);
  for (const char* statement : {"writer_session", "describe_server", "find_schema_version", "flush",
                                "take_alone", "load_live", "load_journals"}) {
    for (const FaultAction action : {FaultAction::cut, FaultAction::swallow_answer}) {
      SCOPED_TRACE(statement);
      const std::string key = "over-" + std::to_string(++cuts);
      world.proxy.cut_all();
      world.proxy.arm({.text = std::string(1, '\0') + statement}, action);
      EXPECT_EQ(world.start(key).status, StartStatus::unavailable);
      ASSERT_TRUE(world.proxy.wait_for_fault());
      world.start_until_taken(key);
    }
  }
  world.let_go();

  world.expect_nothing_lost_or_doubled();
}

TEST_F(MomentTest, BackendsThatAreTerminatedAtAnyMomentLoseAndDoubleNothing) {
  std::atomic<bool> is_over{false};
  std::thread administrator([&] {
    std::mt19937 dice(7);
    for (int kill = 0; kill < 25; ++kill) {
      world.terminate();
      // The time is the chance in this test, not a signal waited for.
      std::this_thread::sleep_for(std::chrono::microseconds(dice() % 60'000));
    }
    is_over = true;
  });
  for (int i = 0; !is_over; ++i) world.start_until_taken("order-" + std::to_string(i));
  administrator.join();

  world.expect_nothing_lost_or_doubled();
}

TEST_F(MomentTest, ConnectionsThatAreCutAtAnyByteOfAnyFlushLoseAndDoubleNothing) {
  std::mt19937 dice(11);
  for (int i = 0; i < 100; ++i) {
    const bool is_there = dice() % 2 == 0;
    FaultPoint point{.way = is_there ? Way::to_server : Way::to_client, .bytes_after = dice() % 3'000};
    world.proxy.arm(point, FaultAction::cut);
    world.start_until_taken("order-" + std::to_string(i));
  }
  world.proxy.disarm();

  world.expect_nothing_lost_or_doubled();
}

TEST_F(MomentTest, ASlowNetworkIsNoFault) {
  world.proxy.delay(std::chrono::milliseconds(10));
  const std::size_t before = world.proxy.accepted();
  for (int i = 0; i < 5; ++i) world.must_start("slow-" + std::to_string(i));

  EXPECT_EQ(world.proxy.accepted(), before);
  world.expect_nothing_lost_or_doubled();
}

}  // namespace
}  // namespace amends::engine
