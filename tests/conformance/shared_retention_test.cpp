// What has had its time, where commands go through the store.
#include "engine/ports/retention.hpp"
#include "tests/conformance/shared_suite.hpp"

namespace amends::engine {
namespace {

class SharedRetentionTest : public SharedTest {};
AMENDS_FOR_EVERY_SHARED_STORE(SharedRetentionTest);

TEST_P(SharedRetentionTest, AnsweredCommandsOfTheShardsAreForgottenAndOthersKept) {
  One one = join("e");
  tend(one);
  for (const int n : {1, 2, 3, 4, 5}) one.shared().post_command(command(n, 2));
  one.shared().post_command(command(6, 3));
  Batch answers;
  for (const int n : {1, 2, 3, 4}) answers.answered.push_back({id(n, 2), "accepted", ""});
  answers.answered.push_back({id(6, 3), "accepted", ""});
  ASSERT_EQ(one.store->commit(answers).status, CommitStatus::committed);
  Retention& retention = *one.store->retention();
  const WallTime later = tables->now() + std::chrono::hours(2);

  EXPECT_EQ(retention.forget_commands({2}, at_second(0), 9), 0u);
  EXPECT_EQ(retention.forget_commands({1, 2}, later, 3), 3u);
  EXPECT_EQ(retention.forget_commands({1, 2}, later, 3), 1u);
  EXPECT_EQ(retention.forget_commands({1, 2}, later, 3), 0u);

  EXPECT_TRUE(one.shared().find_done({id(1, 2), id(2, 2), id(3, 2), id(4, 2)}).empty());
  EXPECT_EQ(one.shared().find_done({id(6, 3)}).size(), 1u);
  EXPECT_EQ(one.shared().read_commands({2}, std::nullopt, 9).size(), 1u);
}

TEST_P(SharedRetentionTest, AKeyIsKeptWhileTheStartThatHasItIsUndecided) {
  One one = join("e");
  tend(one);
  NewSaga start = keyed_start_of(1, "k");
  start.row.id = id(1, 2);
  ASSERT_EQ(one.store->commit({.starts = {start}, .updates = {}}).status, CommitStatus::committed);
  SagaRow over = ended(1, "completed");
  over.id = start.row.id;
  ASSERT_EQ(one.store->commit({.updates = {over}}).status, CommitStatus::committed);
  // As amends.start() leaves it: a key, a command, no saga yet.
  CommandRow asked = command(2, 2);
  asked.kind = "start";
  asked.saga = start.row.id;
  one.shared().post_command(asked);
  Retention& retention = *one.store->retention();
  ASSERT_EQ(retention.retire({start.row.id}), 1u);

  EXPECT_EQ(retention.forget_keys(at_second(9999), at_second(9999), 9), 0u);
  ASSERT_EQ(one.store->commit({.answered = {{asked.id, "invalid", ""}}}).status, CommitStatus::committed);
  EXPECT_EQ(retention.forget_keys(at_second(9999), at_second(9999), 9), 1u);
}

}  // namespace
}  // namespace amends::engine
