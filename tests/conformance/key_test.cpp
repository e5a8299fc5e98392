// Start keys: who has one, what is left out for it, when it is forgotten.
#include "engine/ports/retention.hpp"
#include "tests/conformance/suite.hpp"

namespace amends::engine {
namespace {

class KeyTest : public StoreTest {
 protected:
  // Saga n with all that could be written of it.
  static void add_whole(Batch& batch, int n, const std::string& key, const std::string& body_hash) {
    NewSaga start = keyed_start_of(n, key, body_hash);
    start.tags = {{"n", std::to_string(n)}};
    batch.starts.push_back(start);
    batch.updates.push_back(ended(n, "completed"));
    batch.journal.push_back(entry_of(n, 1));
    batch.journal.push_back(entry_of(n, 2));
  }
  void expect_nothing_of(int n) {
    EXPECT_EQ(store->find_saga(id_of(n)), std::nullopt);
    EXPECT_TRUE(store->read_journal(id_of(n), 0, 10).empty());
    EXPECT_TRUE(store->read_tags(id_of(n)).empty());
    EXPECT_TRUE(ids({.tags = {{"n", std::to_string(n)}}}).empty());
  }
  void expect_whole(int n) {
    EXPECT_NE(store->find_saga(id_of(n)), std::nullopt);
    EXPECT_EQ(store->read_journal(id_of(n), 0, 10).size(), 2u);
    EXPECT_EQ(store->read_tags(id_of(n)).size(), 1u);
  }
};
AMENDS_FOR_EVERY_STORE(KeyTest);

TEST_P(KeyTest, AKeyTakenByAnEarlierFlushNamesItsHolderAndTheRestIsWritten) {
  Batch first, second;
  add_whole(first, 1, "k", "hash-1");
  must_commit(first);

  add_whole(second, 2, "free", "h");
  add_whole(second, 3, "k", "hash-3");
  add_whole(second, 4, "also free", "h");
  const auto result = commit(second);

  ASSERT_EQ(result.status, CommitStatus::committed) << result.error;
  ASSERT_EQ(result.taken.size(), 1u);
  EXPECT_EQ(result.taken[0].start, 1u);
  EXPECT_EQ(result.taken[0].saga, id_of(1));
  EXPECT_EQ(result.taken[0].body_hash, "hash-1");
  expect_nothing_of(3);
  for (const int n : {1, 2, 4}) expect_whole(n);
  EXPECT_EQ(store->find_start_key("order", "k"), id_of(1));
}

TEST_P(KeyTest, AKeyTwiceInOneFlushGoesToTheFirst) {
  Batch batch;
  add_whole(batch, 1, "k", "hash-1");
  add_whole(batch, 2, "k", "hash-1");
  add_whole(batch, 3, "k", "hash-3");

  const auto result = commit(batch);

  ASSERT_EQ(result.status, CommitStatus::committed) << result.error;
  ASSERT_EQ(result.taken.size(), 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(result.taken[i].start, i + 1);
    EXPECT_EQ(result.taken[i].saga, id_of(1));
    EXPECT_EQ(result.taken[i].body_hash, "hash-1");
    expect_nothing_of(static_cast<int>(i) + 2);
  }
  expect_whole(1);
}

TEST_P(KeyTest, TheSameKeyOfAnotherWorkflowIsAnotherKey) {
  NewSaga other = keyed_start_of(2, "k");
  other.row.workflow = other.key->workflow = "refund";
  must_commit({.starts = {keyed_start_of(1, "k"), other}});

  EXPECT_EQ(store->find_start_key("order", "k"), id_of(1));
  EXPECT_EQ(store->find_start_key("refund", "k"), id_of(2));
  EXPECT_EQ(store->find_start_key("", "k"), std::nullopt);
}

TEST_P(KeyTest, KeysDifferByEveryByte) {
  std::vector<std::string> keys = {"k", "K", "k ", "k'--", "ключ"};
  const std::string nul("k\0", 2);
  if (GetParam().keeps_nul) keys.insert(keys.end(), {nul, nul + "a"});
  Batch batch;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    batch.starts.push_back(keyed_start_of(static_cast<int>(i), keys[i]));
  }
  must_commit(batch);

  for (std::size_t i = 0; i < keys.size(); ++i) {
    EXPECT_EQ(store->find_start_key("order", keys[i]), id_of(static_cast<int>(i))) << keys[i];
    EXPECT_EQ(store->find_saga(id_of(static_cast<int>(i)))->key, keys[i]);
  }
  if (!GetParam().keeps_nul) {
    EXPECT_EQ(store->find_start_key("order", nul), std::nullopt);
  }
}

TEST_P(KeyTest, SagasWithoutAKeyNeverCollide) {
  must_commit({.starts = {start_of(1), start_of(2)}});
  EXPECT_EQ(store->find_start_key("order", ""), std::nullopt);
}

TEST_P(KeyTest, AKeyOutlivesItsSagaUntilItsTime) {
  must_commit({.starts = {keyed_start_of(1, "k")}, .updates = {ended(1, "completed")}});

  EXPECT_EQ(store->retention()->forget_keys(at_second(999), at_second(999), 10), 0u);
  EXPECT_EQ(store->find_start_key("order", "k"), id_of(1));
  EXPECT_EQ(store->retention()->forget_keys(at_second(1000), at_second(1000), 10), 1u);

  EXPECT_EQ(store->find_start_key("order", "k"), std::nullopt);
  EXPECT_NE(store->find_saga(id_of(1)), std::nullopt);
  must_commit({.starts = {keyed_start_of(2, "k")}});
  EXPECT_EQ(store->find_start_key("order", "k"), id_of(2));
}

TEST_P(KeyTest, AKeyIsNotForgottenWhileItsSagaRuns) {
  must_commit(
      {.starts = {keyed_start_of(1, "runs"), keyed_start_of(2, "over")}, .updates = {ended(2, "completed")}});

  EXPECT_EQ(store->retention()->forget_keys(at_second(9999), at_second(9999), 10), 1u);

  EXPECT_EQ(store->find_start_key("order", "runs"), id_of(1));
  EXPECT_EQ(store->find_start_key("order", "over"), std::nullopt);
}

TEST_P(KeyTest, PurgingGoesInBitesAndStopsAtNothing) {
  Batch batch;
  for (int n = 0; n < 7; ++n) {
    batch.starts.push_back(keyed_start_of(n, "k" + std::to_string(n)));
    batch.updates.push_back(ended(n, "completed"));
  }
  must_commit(batch);

  std::vector<std::uint32_t> purged;
  for (int i = 0; i < 4; ++i)
    purged.push_back(store->retention()->forget_keys(at_second(2000), at_second(2000), 3));

  EXPECT_EQ(purged, (std::vector<std::uint32_t>{3, 3, 1, 0}));
}

TEST_P(KeyTest, PurgingMovesNoCommitSeq) {
  must_commit({.starts = {keyed_start_of(1, "k")}, .updates = {ended(1, "completed")}});
  store->retention()->forget_keys(at_second(2000), at_second(2000), 3);
  store->ensure_plans({{"order@1", "order", 1, "s", "g"}});
  must_commit({});
  store = open();
  EXPECT_EQ(last.commit_seq, 2u);
}

}  // namespace
}  // namespace amends::engine
