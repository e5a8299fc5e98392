// What has had its time leaves: which sagas, what goes with them, and what stays whatever is asked.
#include "engine/ports/retention.hpp"
#include "tests/conformance/suite.hpp"

namespace amends::engine {
namespace {

class RetentionTest : public StoreTest {
 protected:
  Retention& retention() { return *store->retention(); }

  // Sagas 0 to count-1, completed at second n + 1, with a tag, two journal rows and a key each.
  void add_completed(int count) {
    Batch batch;
    for (int n = 0; n < count; ++n) {
      NewSaga start = keyed_start_of(n, "k" + std::to_string(n));
      start.tags = {{"b", std::to_string(n)}, {"a", "x"}};
      batch.starts.push_back(start);
      batch.updates.push_back(ended(n, "completed"));
      batch.journal.push_back(entry_of(n, 1));
      batch.journal.push_back(entry_of(n, 2));
    }
    must_commit(batch);
  }
  std::vector<SagaId> found(WallTime ended_before, std::uint32_t looked_max = 100) {
    return ids_of(retention().find_ended(0, std::nullopt, ended_before, looked_max, false));
  }
  static std::vector<SagaId> ids_of(const EndedPage& page) {
    std::vector<SagaId> out;
    for (const EndedSaga& one : page.sagas) out.push_back(one.row.id);
    return out;
  }
};
AMENDS_FOR_EVERY_STORE(RetentionTest);

TEST_P(RetentionTest, WhatEndedBeforeTheInstantIsFoundAndWhatEndedAtItIsNot) {
  add_completed(3);  // at seconds 1, 2, 3

  EXPECT_EQ(found(at_second(1)), std::vector<SagaId>{});
  EXPECT_EQ(found(at_second(1) + Micros(1)), std::vector<SagaId>{id_of(0)});
  EXPECT_EQ(found(at_second(3)), (std::vector<SagaId>{id_of(0), id_of(1)}));
  EXPECT_EQ(found(at_second(99)).size(), 3u);
}

TEST_P(RetentionTest, ASagaThatEndsInTheMillisecondInWhichItBeganIsFound) {
  NewSaga start = start_of(5);
  SagaRow row = ended(5, "completed");
  row.updated_at = at_second(5);
  must_commit({.starts = {start}, .updates = {row}, .journal = {entry_of(5, 1)}});

  EXPECT_EQ(found(at_second(5) + Micros(1)), std::vector<SagaId>{id_of(5)});
}

TEST_P(RetentionTest, OnlyTerminalOnesLeaveWhoeverIsNamed) {
  Batch batch;
  const std::vector<std::string> states = {"completed", "compensated",  "abandoned",
                                           "running",   "compensating", "needs_operator"};
  std::vector<SagaId> all;
  for (int n = 0; n < 6; ++n) {
    batch.starts.push_back(start_of(n, {{"t", "x"}}));
    SagaRow row = ended(n, states[static_cast<std::size_t>(n)]);
    row.active = n >= 3;
    batch.updates.push_back(row);
    batch.journal.push_back(entry_of(n, 1));
    all.push_back(id_of(n));
  }
  must_commit(batch);

  EXPECT_EQ(found(at_second(99)), (std::vector<SagaId>{id_of(0), id_of(1), id_of(2)}));
  EXPECT_EQ(retention().retire(all), 3u);

  for (int n = 0; n < 6; ++n) {
    EXPECT_EQ(store->find_saga(id_of(n)).has_value(), n >= 3) << n;
    EXPECT_EQ(store->read_journal(id_of(n), 0, 9).size(), n >= 3 ? 1u : 0u) << n;
    EXPECT_EQ(store->read_tags(id_of(n)).size(), n >= 3 ? 1u : 0u) << n;
  }
  EXPECT_EQ(store->load_sagas(all).size(), 3u);
}

TEST_P(RetentionTest, ItIsGoneFromEveryListAndItsKeyStaysAndKeepsItsNameTaken) {
  add_completed(2);

  EXPECT_EQ(retention().retire({id_of(0)}), 1u);

  EXPECT_EQ(ids({}), std::vector<SagaId>{id_of(1)});
  EXPECT_TRUE(ids({.tags = {{"b", "0"}}}).empty());
  EXPECT_EQ(store->counts().at(0).count, 1u);
  EXPECT_EQ(store->find_start_key("order", "k0"), id_of(0));
  const auto again = commit({.starts = {keyed_start_of(7, "k0")}});
  ASSERT_EQ(again.taken.size(), 1u);
  EXPECT_EQ(again.taken[0].saga, id_of(0));
  EXPECT_EQ(store->find_saga(id_of(7)), std::nullopt);
}

TEST_P(RetentionTest, TheKeyOfARetiredSagaIsForgottenAtItsTime) {
  add_completed(1);
  retention().retire({id_of(0)});

  EXPECT_EQ(retention().forget_keys(at_second(999), at_second(999), 9), 0u);
  EXPECT_EQ(retention().forget_keys(at_second(1000), at_second(1000), 9), 1u);
  EXPECT_EQ(store->find_start_key("order", "k0"), std::nullopt);
}

TEST_P(RetentionTest, TheKeyOfASagaThatIsThereStaysUntilThatIsLongOver) {
  add_completed(1);  // ended at second 1

  EXPECT_EQ(retention().forget_keys(at_second(1000), at_second(1), 9), 0u);
  EXPECT_EQ(retention().forget_keys(at_second(1000), at_second(2), 9), 1u);
}

TEST_P(RetentionTest, AKeyIsKeptLongerButNeverShorterAndOnlyForItsOwnSaga) {
  add_completed(4);
  retention().keep_keys({{id_of(0), "order", "k0", at_second(3000)},
                         {id_of(1), "order", "k1", at_second(900)},
                         {id_of(9), "order", "k2", at_second(3000)},
                         {id_of(3), "other", "k3", at_second(3000)},
                         {id_of(3), "order", "nobody's", at_second(3000)}});
  retention().keep_keys({});

  EXPECT_EQ(retention().forget_keys(at_second(999), at_second(99), 9), 0u);
  EXPECT_EQ(retention().forget_keys(at_second(1000), at_second(99), 9), 3u);
  EXPECT_EQ(store->find_start_key("order", "k0"), id_of(0));
  EXPECT_EQ(retention().forget_keys(at_second(2999), at_second(99), 9), 0u);
  EXPECT_EQ(retention().forget_keys(at_second(3000), at_second(99), 9), 1u);
}

TEST_P(RetentionTest, RetiringTwiceOrWhatWasNeverThereDoesNothing) {
  add_completed(1);
  EXPECT_EQ(retention().retire({}), 0u);
  EXPECT_EQ(retention().retire({id_of(0), id_of(50)}), 1u);
  EXPECT_EQ(retention().retire({id_of(0), id_of(50)}), 0u);
}

TEST_P(RetentionTest, APageLooksAtSoManyAndTheNextGoesOnBehindThem) {
  add_completed(5);
  must_commit({.starts = {start_of(5), start_of(6)}});  // running
  must_commit({.starts = {start_of(7)}, .updates = {ended(7, "completed")}, .journal = {entry_of(7, 1)}});

  std::vector<std::size_t> sizes;
  std::vector<SagaId> all;
  std::optional<SagaId> after;
  do {
    const EndedPage page = retention().find_ended(0, after, at_second(99), 2, false);
    sizes.push_back(page.sagas.size());
    const auto some = ids_of(page);
    all.insert(all.end(), some.begin(), some.end());
    after = page.more;
  } while (after);

  // The third page is saga 4 and a running one, the fourth a running one and saga 7.
  EXPECT_EQ(std::vector<std::size_t>(sizes.begin(), sizes.begin() + 4),
            (std::vector<std::size_t>{2, 2, 1, 1}));
  EXPECT_EQ(all, (std::vector<SagaId>{id_of(0), id_of(1), id_of(2), id_of(3), id_of(4), id_of(7)}));
}

TEST_P(RetentionTest, AWholeSagaComesWithItsTagsAndItsJournal) {
  add_completed(2);

  const EndedPage page = retention().find_ended(0, std::nullopt, at_second(99), 9, true);

  ASSERT_EQ(page.sagas.size(), 2u);
  for (int n = 0; n < 2; ++n) {
    const EndedSaga& one = page.sagas[static_cast<std::size_t>(n)];
    EXPECT_EQ(one.row, *store->find_saga(id_of(n)));
    EXPECT_EQ(one.tags, (std::vector<Tag>{{"a", "x"}, {"b", std::to_string(n)}}));
    EXPECT_EQ(one.journal, store->read_journal(id_of(n), 0, 9));
    EXPECT_EQ(one.journal.size(), 2u);
  }
  EXPECT_FALSE(page.more);
}

TEST_P(RetentionTest, AnotherShardHasNone) {
  add_completed(1);
  const EndedPage page = retention().find_ended(3, std::nullopt, at_second(99), 9, false);
  EXPECT_TRUE(page.sagas.empty());
  EXPECT_FALSE(page.more);
}

TEST_P(RetentionTest, AnInstantBeforeAllTimeFindsNothing) {
  add_completed(1);
  EXPECT_TRUE(found(WallTime{} - std::chrono::hours(24 * 365)).empty());
}

// A crash between two calls: another process takes the store over and does the same again.
TEST_P(RetentionTest, AnotherProcessGoesOnWhereOneLeftOff) {
  add_completed(3);
  const EndedPage archived = retention().find_ended(0, std::nullopt, at_second(99), 2, true);
  ASSERT_EQ(archived.sagas.size(), 2u);

  store.reset();
  store = open();

  const EndedPage again = retention().find_ended(0, std::nullopt, at_second(99), 2, true);
  EXPECT_EQ(ids_of(again), ids_of(archived));
  EXPECT_EQ(retention().retire(ids_of(again)), 2u);
  EXPECT_EQ(found(at_second(99)), std::vector<SagaId>{id_of(2)});
}

TEST_P(RetentionTest, FlushesGoOnWhileSagasLeaveAndItMovesNoCommitSeq) {
  add_completed(4);
  EXPECT_EQ(retention().retire({id_of(0), id_of(1)}), 2u);
  must_commit({.starts = {start_of(9)}});
  EXPECT_EQ(retention().retire({id_of(2), id_of(9)}), 1u);
  must_commit({.updates = {ended(9, "completed")}});
  store = open();
  EXPECT_EQ(last.commit_seq, 3u);
  EXPECT_EQ(ids({}), (std::vector<SagaId>{id_of(9), id_of(3)}));
}

}  // namespace
}  // namespace amends::engine
