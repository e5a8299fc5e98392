// The loop and the store's writer without their threads.
#include "engine/runtime/loop.hpp"

#include <gtest/gtest.h>

#include "tests/engine/runtime/loop_world.hpp"

namespace amends::engine {
namespace {

// Everything that two runs could differ in.
struct OneRun {
  std::vector<JournalRow> journal;
  std::string state;
  Micros took{};
  int sent = 0;
  bool operator==(const OneRun&) const = default;
};

OneRun run_one(LoopWorld& w) {
  const SagaId saga = w.start();
  EXPECT_EQ(w.wait(saga), WaitOutcome::rested);
  return {w.store.read_journal(saga, 0, 1'000), w.store.find_saga(saga)->state, w.clock.now, w.adapter.sent};
}

TEST(LoopTest, WithoutAThreadASagaRunsToItsEnd) {
  LoopWorld w;

  const OneRun run = run_one(w);

  EXPECT_EQ(run.state, "completed");
  EXPECT_EQ(run.sent, 3);
}

TEST(LoopTest, TheSameRunTwiceLeavesTheSameJournalToTheByte) {
  LoopWorld one, other;
  one.adapter.failures = other.adapter.failures = 3;

  const OneRun first = run_one(one), second = run_one(other);

  EXPECT_GE(first.journal.size(), 7u);
  EXPECT_GT(first.took, Micros(0)) << "it retried, which takes time";
  EXPECT_EQ(first, second);
}

TEST(LoopTest, AStoreInDoubtIsTakenOverAgainAfterPausesThatNobodySleeps) {
  LoopWorld w;
  w.tables->answer_commit(2, memory::Answer::unknown_landed);  // not the start: its caller would hear
  w.tables->fail_take_overs(8);

  const OneRun run = run_one(w);

  EXPECT_EQ(run.state, "completed");
  EXPECT_GE(run.took, Millis(20 + 40 + 80 + 160 + 320 + 640 + 1'000 + 1'000));
  EXPECT_LE(run.took, Millis(6'000));
}

TEST(LoopTest, WhileTheStoreIsDownItWaitsForTheWriterAndDoesNotTurnAllTheTime) {
  LoopWorld w;
  InboxItems nothing;

  w.loop->turn(nothing, w.loop->time());

  EXPECT_FALSE(w.loop->opened());
  EXPECT_EQ(w.loop->wait_limit(w.loop->time()), std::nullopt);
}

TEST(LoopTest, InASharedStoreItTakesItsShardsAndLeavesInOrder) {
  LoopWorld w(8);
  w.run_until([&w] { return w.loop->opened(); });
  EXPECT_EQ(w.standing.owned()->ours.size(), 8u);
  EXPECT_EQ(run_one(w).state, "completed");

  w.standing.stopping = true;
  w.run_until([&w] { return w.loop->finished(w.quiet); });
  w.loop->answer_rest();

  EXPECT_TRUE(w.standing.owned()->ours.empty());
  std::optional<StartReply> heard;
  w.entrance.start({}, [&heard](const StartReply& reply) { heard = reply; });
  EXPECT_EQ(heard->status, StartStatus::unavailable);
}

TEST(StoreWriterTest, PagesTakeTurnsWithJobsSoThatNeitherWaitsForAllOthers) {
  LoopWorld w(2);
  ASSERT_TRUE(w.writer.takes_job());
  w.writer.begin(LoadShardsJob{{0, 1}, w.clock.wall()});

  EXPECT_FALSE(w.writer.takes_job());
  w.writer.go_on();

  EXPECT_TRUE(w.writer.takes_job());
  EXPECT_TRUE(w.writer.has_work());
}

TEST(StoreWriterTest, WhileATakeOverFailsNoOtherJobIsBegun) {
  LoopWorld w;
  w.tables->fail_take_overs(2);

  EXPECT_EQ(w.writer.begin(TakeOverJob{{}, false, w.clock.wall()}), Millis(20));
  EXPECT_FALSE(w.writer.takes_job());
  EXPECT_EQ(w.writer.go_on(), Millis(40));
  EXPECT_FALSE(w.writer.takes_job());
  EXPECT_EQ(w.writer.go_on(), Millis(0));

  while (w.writer.has_work()) w.writer.go_on();
  EXPECT_TRUE(w.writer.takes_job());
}

}  // namespace
}  // namespace amends::engine
