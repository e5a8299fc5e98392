// The memory store gives the answers it is told to give, and what is in the tables then fits the answer.
#include <gtest/gtest.h>

#include "adapters/store/memory/memory_store.hpp"

namespace amends::memory {
namespace {

using engine::CommitStatus;

class AnswersTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(store.take_over("e", {}).writer); }

  static engine::SagaId id_of(int n) { return engine::SagaId::make({}, 0, static_cast<std::uint64_t>(n)); }
  engine::CommitResult commit(int n) {
    engine::NewSaga start{};
    start.row.id = id_of(n);
    return store.commit({.starts = {start}});
  }
  bool is_there(int n) { return store.find_saga(id_of(n)).has_value(); }

  std::shared_ptr<Tables> tables = std::make_shared<Tables>();
  MemoryStore store{tables};
};

TEST_F(AnswersTest, TheNthCommitIsRefusedAndTheOthersAreNot) {
  tables->answer_commit(2, Answer::refused);
  tables->answer_commit(3, Answer::disk_full);

  EXPECT_EQ(commit(1).status, CommitStatus::committed);
  EXPECT_EQ(commit(2).error_class, "io");
  EXPECT_EQ(commit(3).error_class, "disk_full");
  EXPECT_EQ(commit(4).status, CommitStatus::committed);

  EXPECT_FALSE(is_there(2));
  EXPECT_FALSE(is_there(3));
  EXPECT_EQ(store.take_over("e", {}).writer->commit_seq, 2u);
}

TEST_F(AnswersTest, AnUnknownCommitThatLandedIsFoundByTheTakeOver) {
  tables->answer_commit(1, Answer::unknown_landed);
  EXPECT_EQ(commit(1).status, CommitStatus::unknown);
  EXPECT_THROW(is_there(1), engine::StoreUnavailable);

  EXPECT_EQ(store.take_over("e", {}).writer->commit_seq, 1u);
  EXPECT_TRUE(is_there(1));
}

TEST_F(AnswersTest, AnUnknownCommitThatWasLostIsNot) {
  tables->answer_commit(1, Answer::unknown_lost);
  EXPECT_EQ(commit(1).status, CommitStatus::unknown);
  EXPECT_THROW(store.load_live(0, std::nullopt, 1), engine::StoreUnavailable);

  EXPECT_EQ(store.take_over("e", {}).writer->commit_seq, 0u);
  EXPECT_FALSE(is_there(1));
  EXPECT_EQ(commit(1).status, CommitStatus::committed);
}

TEST_F(AnswersTest, AFencedCommitLeavesTheStoreFenced) {
  tables->answer_commit(1, Answer::fenced);
  EXPECT_EQ(commit(1).status, CommitStatus::fenced);
  EXPECT_EQ(commit(2).status, CommitStatus::fenced);
  ASSERT_TRUE(store.take_over("e", {}).writer);
  EXPECT_EQ(commit(3).status, CommitStatus::committed);
}

TEST_F(AnswersTest, TakeOversFailAsOftenAsTold) {
  tables->fail_take_overs(2);
  EXPECT_FALSE(store.take_over("e", {}).writer);
  EXPECT_THROW(is_there(1), engine::StoreUnavailable);
  EXPECT_FALSE(store.take_over("e", {}).writer);
  EXPECT_TRUE(store.take_over("e", {}).writer);
}

TEST_F(AnswersTest, ACommitInDoubtThatIsCommittedOnStopsTheProgram) {
  tables->answer_commit(1, Answer::unknown_lost);
  commit(1);
  EXPECT_DEATH(commit(2), "not taken over");
}

}  // namespace
}  // namespace amends::memory
