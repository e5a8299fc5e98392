#include "tests/conformance/suite.hpp"

namespace amends::engine {
namespace {

class CommitTest : public StoreTest {};
AMENDS_FOR_EVERY_STORE(CommitTest);

TEST_P(CommitTest, WhatWasCommittedIsThereForReadersAndForTheNextStore) {
  NewSaga start = keyed_start_of(1, "k1");
  start.tags = {{"city", "Bonn"}, {"tier", "gold"}};
  start.row.wake_at = at_second(77);
  start.row.step = "charge-card";
  start.row.error_class = "timeout";

  must_commit({.starts = {start}, .updates = {}, .journal = {entry_of(1, 1, "[1]")}});

  const auto holds = [&](StoreReader& reader) {
    EXPECT_EQ(reader.find_saga(id_of(1)), start.row);
    JournalRow written = entry_of(1, 1, "[1]");
    written.epoch = last.epoch;
    written.commit_seq = 1;
    EXPECT_EQ(reader.read_journal(id_of(1), 0, 10), std::vector{written});
    EXPECT_EQ(reader.read_tags(id_of(1)), (std::vector<Tag>{{"city", "Bonn"}, {"tier", "gold"}}));
    EXPECT_EQ(reader.find_start_key("order", "k1"), id_of(1));
  };
  const Writer first = last;
  holds(*store);
  auto next = open("e2");
  last.epoch = first.epoch;
  holds(*next);
}

TEST_P(CommitTest, WhatIsNotThereIsNotFound) {
  EXPECT_EQ(store->find_saga(id_of(1)), std::nullopt);
  EXPECT_TRUE(store->read_journal(id_of(1), 0, 10).empty());
  EXPECT_TRUE(store->read_tags(id_of(1)).empty());
  EXPECT_EQ(store->find_start_key("order", "k1"), std::nullopt);
  EXPECT_TRUE(store->counts().empty());
}

TEST_P(CommitTest, EveryFlushRaisesCommitSeqByOneAndStampsItsRows) {
  must_commit({.starts = {start_of(1)}, .updates = {}, .journal = {entry_of(1, 1)}});
  must_commit({.starts = {}, .updates = {}, .journal = {entry_of(1, 2), entry_of(1, 3)}});
  must_commit({.starts = {}, .updates = {ended(1, "completed", 4)}, .journal = {entry_of(1, 4)}});

  std::vector<std::uint64_t> seqs;
  for (const auto& row : store->read_journal(id_of(1), 0, 10)) seqs.push_back(row.commit_seq);
  EXPECT_EQ(seqs, (std::vector<std::uint64_t>{1, 2, 2, 3}));
  store = open();
  EXPECT_EQ(last.commit_seq, 3u);
}

TEST_P(CommitTest, AnEmptyFlushCountsToo) {
  must_commit({});
  store = open();
  EXPECT_EQ(last.commit_seq, 1u);
}

TEST_P(CommitTest, AnUpdateBesideItsStartWinsAndOfSeveralTheLast) {
  SagaRow waiting = row_of(1);
  waiting.state = "compensating";
  waiting.wake_at = at_second(9);
  waiting.seq = 2;

  must_commit({.starts = {start_of(1)}, .updates = {waiting, ended(1, "compensated", 3)}, .journal = {}});

  EXPECT_EQ(store->find_saga(id_of(1)), ended(1, "compensated", 3));
}

TEST_P(CommitTest, AnUpdateLeavesAloneWhatTheStartFixed) {
  NewSaga start = keyed_start_of(1, "k1");
  must_commit({.starts = {start}, .updates = {}, .journal = {}});

  SagaRow other = ended(1, "completed");
  other.plan_id = "other@9";
  other.workflow = "other";
  other.key = "other";
  other.created_at = at_second(500);
  must_commit({.starts = {}, .updates = {other}, .journal = {}});

  SagaRow expected = ended(1, "completed");
  expected.key = "k1";
  EXPECT_EQ(store->find_saga(id_of(1)), expected);
}

// One bad row of each kind, in a flush with good ones.
TEST_P(CommitTest, AFlushRefusedForItsDataWritesNothingAndTheNextOneGoesThrough) {
  must_commit({.starts = {start_of(1)}, .updates = {}, .journal = {entry_of(1, 1)}});
  NewSaga foreign_shard = start_of(3);
  foreign_shard.row.id = SagaId::make(at_second(3), shards_max - 1, 1);
  NewSaga same_tag_twice = start_of(3, {{"a", "1"}, {"a", "2"}});
  const std::vector<Batch> bad = {
      {.starts = {start_of(2), start_of(1)}, .updates = {}, .journal = {entry_of(2, 1)}},
      {.starts = {start_of(2), start_of(2)}, .updates = {}, .journal = {}},
      {.starts = {start_of(2)}, .updates = {}, .journal = {entry_of(2, 1), entry_of(1, 1)}},
      {.starts = {start_of(2)}, .updates = {}, .journal = {entry_of(2, 1), entry_of(2, 1)}},
      {.starts = {start_of(2)}, .updates = {ended(9, "completed")}, .journal = {entry_of(2, 1)}},
      {.starts = {start_of(2), foreign_shard}, .updates = {}, .journal = {}},
      {.starts = {keyed_start_of(2, "k"), same_tag_twice}, .updates = {}, .journal = {}},
  };

  for (std::size_t i = 0; i < bad.size(); ++i) {
    const auto result = commit(bad[i]);

    EXPECT_EQ(result.status, CommitStatus::refused) << i;
    EXPECT_EQ(result.error_class, "data") << i;
    EXPECT_NE(result.error, "") << i;
    EXPECT_EQ(store->find_saga(id_of(2)), std::nullopt) << i;
    EXPECT_TRUE(store->read_journal(id_of(2), 0, 10).empty()) << i;
    EXPECT_EQ(store->find_start_key("order", "k"), std::nullopt) << i;
  }
  must_commit({.starts = {start_of(2)}, .updates = {}, .journal = {entry_of(2, 1)}});
  EXPECT_EQ(store->read_journal(id_of(2), 0, 10).at(0).commit_seq, 2u);
}

// ---- the fence

TEST_P(CommitTest, AWriterThatWasTakenOverCommitsNothingEverAgain) {
  const Writer first = last;
  must_commit({.starts = {start_of(1)}, .updates = {}, .journal = {}});

  auto rival = open("e2");
  EXPECT_GT(last.epoch, first.epoch);
  EXPECT_EQ(last.commit_seq, 1u);
  for (int i = 0; i < 2; ++i) {
    const auto result = commit({.starts = {start_of(2)}, .updates = {}, .journal = {entry_of(2, 1)}});
    EXPECT_EQ(result.status, CommitStatus::fenced);
    EXPECT_EQ(result.error_class, "fenced");
  }

  EXPECT_EQ(rival->find_saga(id_of(2)), std::nullopt);
  EXPECT_EQ(rival->commit({.starts = {start_of(3)}, .updates = {}, .journal = {}}).status,
            CommitStatus::committed);
  EXPECT_EQ(commit({.starts = {start_of(2)}, .updates = {}, .journal = {}}).status, CommitStatus::fenced);
}

TEST_P(CommitTest, AFencedWriterKeepsNoPlans) {
  auto rival = open("e2");
  EXPECT_THROW(store->ensure_plans({{"order@1", "order", 1, "s", "g"}}), StoreUnavailable);
  EXPECT_TRUE(rival->plans().empty());
}

TEST_P(CommitTest, TakingOverAgainFencesTheRivalAndContinuesItsSequence) {
  auto rival = open("e2");
  ASSERT_EQ(rival->commit({.starts = {start_of(1)}, .updates = {}, .journal = {}}).status,
            CommitStatus::committed);
  const Writer rivals = last;

  const Opened back = store->take_over("e1", at_second(1));

  ASSERT_TRUE(back.writer);
  EXPECT_GT(back.writer->epoch, rivals.epoch);
  EXPECT_EQ(back.writer->commit_seq, 1u);
  EXPECT_EQ(rival->commit({.starts = {start_of(2)}, .updates = {}, .journal = {}}).status,
            CommitStatus::fenced);
  must_commit({.starts = {start_of(2)}, .updates = {}, .journal = {}});
}

}  // namespace
}  // namespace amends::engine
