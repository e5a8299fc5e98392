// What readers and a restart see: lists, pages, plans, and bytes that come back as they went in.
#include <algorithm>

#include "tests/conformance/suite.hpp"

namespace amends::engine {
namespace {

class ReadTest : public StoreTest {
 protected:
  static std::vector<SagaId> of(const std::vector<int>& numbers) {
    std::vector<SagaId> out;
    for (const int n : numbers) out.push_back(id_of(n));
    return out;
  }
};
AMENDS_FOR_EVERY_STORE(ReadTest);

class ListTest : public ReadTest {
 protected:
  void SetUp() override {
    ReadTest::SetUp();
    Batch batch;
    const std::vector<std::string> states = {"running",   "compensating", "needs_operator",
                                             "completed", "compensated",  "abandoned"};
    for (int n = 0; n < 12; ++n) {
      NewSaga start = keyed_start_of(n, n < 6 ? "early" : "late" + std::to_string(n));
      start.key.reset();  // the row's key without a claim, as after purging
      start.row.state = states[static_cast<std::size_t>(n) % 6];
      start.row.active = n % 6 < 3;
      start.row.workflow = n % 2 == 0 ? "order" : "refund";
      start.tags = {{"parity", n % 2 == 0 ? "even" : "odd"}, {"third", n % 3 == 0 ? "yes" : "no"}};
      batch.starts.push_back(start);
    }
    must_commit(batch);
  }
};
AMENDS_FOR_EVERY_STORE(ListTest);

TEST_P(ListTest, WithoutAFilterEverythingComesNewestFirst) {
  EXPECT_EQ(ids({}), of({11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0}));
}

TEST_P(ListTest, EachFilterKeepsWhatMatches) {
  EXPECT_EQ(ids({.workflow = "refund"}), of({11, 9, 7, 5, 3, 1}));
  EXPECT_EQ(ids({.workflow = "refun"}), of({}));
  EXPECT_EQ(ids({.state = "running"}), of({6, 0}));
  EXPECT_EQ(ids({.state = "compensating"}), of({7, 1}));
  EXPECT_EQ(ids({.state = "needs_operator"}), of({8, 2}));
  EXPECT_EQ(ids({.state = "completed"}), of({9, 3}));
  EXPECT_EQ(ids({.state = "compensated"}), of({10, 4}));
  EXPECT_EQ(ids({.state = "abandoned"}), of({11, 5}));
  EXPECT_EQ(ids({.state = "no such state"}), of({}));
  EXPECT_EQ(ids({.key = "early"}), of({5, 4, 3, 2, 1, 0}));
  EXPECT_EQ(ids({.tags = {{"parity", "odd"}}}), of({11, 9, 7, 5, 3, 1}));
  EXPECT_EQ(ids({.created_since = at_second(9)}), of({11, 10, 9}));
  EXPECT_EQ(ids({.created_before = at_second(2)}), of({1, 0}));
}

TEST_P(ListTest, FiltersJoin) {
  EXPECT_EQ(ids({.tags = {{"parity", "odd"}, {"third", "yes"}}}), of({9, 3}));
  EXPECT_EQ(ids({.tags = {{"third", "yes"}, {"parity", "odd"}}}), of({9, 3}));
  EXPECT_EQ(ids({.tags = {{"parity", "odd"}, {"third", "maybe"}}}), of({}));
  EXPECT_EQ(ids({.tags = {{"odd", "parity"}}}), of({}));
  EXPECT_EQ(ids({.workflow = "order", .state = "needs_operator", .tags = {{"third", "no"}}}), of({8, 2}));
  EXPECT_EQ(ids({.workflow = "order", .state = "abandoned"}), of({}));
  EXPECT_EQ(ids({.state = "abandoned", .created_since = at_second(6)}), of({11}));
  EXPECT_EQ(ids({.workflow = "order", .created_since = at_second(3), .created_before = at_second(9)}),
            of({8, 6, 4}));
  EXPECT_EQ(ids({.state = "running", .key = "early"}), of({0}));
}

TEST_P(ListTest, PagesJoinWithoutGapOrRepeatWhileSagasAreAddedAndEnd) {
  const std::vector<SagaFilter> filters = {{},
                                           {.workflow = "order"},
                                           {.tags = {{"parity", "even"}}},
                                           {.tags = {{"parity", "odd"}, {"third", "no"}}}};
  int added = 100;
  for (const auto& filter : filters) {
    const auto whole = ids(filter);
    std::vector<SagaId> joined;
    std::optional<SagaId> before;
    do {
      const SagaPage page = store->list(filter, before, 2);
      ASSERT_LE(page.rows.size(), 2u);
      for (const auto& row : page.rows) joined.push_back(row.id);
      before = page.more;
      must_commit({.starts = {start_of(added++, {{"parity", "even"}})}, .updates = {}});
    } while (before);
    EXPECT_EQ(joined, whole);
  }
}

TEST_P(ListTest, TheLastPageSaysSo) {
  EXPECT_FALSE(store->list({}, std::nullopt, 12).more);
  EXPECT_EQ(store->list({}, std::nullopt, 11).more, id_of(1));
  EXPECT_FALSE(store->list({.state = "running"}, id_of(6), 1).more);
  EXPECT_TRUE(store->list({}, id_of(0), 5).rows.empty());
}

TEST_P(ListTest, CountsGoByWorkflowAndState) {
  const auto counts = store->counts();
  ASSERT_EQ(counts.size(), 6u);  // order: running needs_operator compensated; refund: the other three
  for (const auto& count : counts) EXPECT_EQ(count.count, 2u);
  EXPECT_EQ(counts[0].workflow, "order");
  EXPECT_EQ(counts[0].state, "compensated");
}

TEST_P(ReadTest, ASagaMovesBetweenListsAsItsStateChanges) {
  must_commit({.starts = {start_of(1), start_of(2)}});
  SagaRow parked = row_of(1);
  parked.state = "needs_operator";
  must_commit({.updates = {parked}});
  EXPECT_EQ(ids({.state = "needs_operator"}), of({1}));
  EXPECT_EQ(ids({.state = "running"}), of({2}));

  must_commit({.updates = {ended(1, "abandoned"), ended(2, "compensated")}});
  EXPECT_EQ(ids({.state = "needs_operator"}), of({}));
  EXPECT_EQ(ids({.state = "abandoned"}), of({1}));
  EXPECT_EQ(ids({.state = "compensated"}), of({2}));
}

TEST_P(ReadTest, TheJournalComesInPagesInOrder) {
  must_commit(
      {.starts = {start_of(1), start_of(2)}, .journal = {entry_of(1, 2, "b"), entry_of(2, 1, "other")}});
  must_commit({.journal = {entry_of(1, 1, "a"), entry_of(1, 3, "c"), entry_of(1, 4, "d")}});
  const auto bodies = [&](std::uint32_t after, std::uint32_t count_max) {
    std::string out;
    for (const auto& row : store->read_journal(id_of(1), after, count_max)) out += row.body;
    return out;
  };
  EXPECT_EQ(bodies(0, 100), "abcd");
  EXPECT_EQ(bodies(0, 3), "abc");
  EXPECT_EQ(bodies(3, 3), "d");
  EXPECT_EQ(bodies(4, 3), "");
  EXPECT_EQ(bodies(0, 0), "");
}

TEST_P(ReadTest, LoadLiveGivesWhatMayMoveAtAnyTimeWithItsJournalInPages) {
  Batch batch;
  for (int n = 0; n < 10; ++n) {
    batch.starts.push_back(start_of(n));
    batch.journal.push_back(entry_of(n, 1));
    batch.journal.push_back(entry_of(n, 2));
    if (n % 3 == 0) batch.updates.push_back(ended(n, "completed"));
  }
  SagaRow parked = row_of(1);
  parked.state = "needs_operator";
  batch.updates.push_back(parked);
  SagaRow waits = row_of(5);
  waits.wake_at = at_second(5000);
  batch.updates.push_back(waits);
  must_commit(batch);
  store = open();

  std::vector<SagaId> loaded;
  std::optional<SagaId> after;
  for (;;) {
    const auto page = store->load_live(0, after, 4);
    if (page.empty()) break;
    ASSERT_LE(page.size(), 4u);
    for (const auto& saved : page) {
      loaded.push_back(saved.row.id);
      EXPECT_TRUE(saved.row.active);
      ASSERT_EQ(saved.journal.size(), 2u);
      EXPECT_EQ(saved.journal[0].seq, 1u);
      EXPECT_EQ(saved.journal[1].saga, saved.row.id);
      EXPECT_EQ(saved.journal[1].commit_seq, 1u);
    }
    after = page.back().row.id;
  }
  EXPECT_EQ(loaded, of({2, 4, 7, 8}));
}

TEST_P(ReadTest, PlansAreKeptOnceAndAChangedShapeIsReturnedAndLeftAlone) {
  const PlanRow v1{"order@1", "order", 1, "shape-1", "{}"}, v2{"order@2", "order", 2, "shape-2", "{}"};
  PlanRow changed = v1;
  changed.shape = "another";

  EXPECT_TRUE(store->ensure_plans({v2, v1}).empty());
  EXPECT_TRUE(store->ensure_plans({v1}).empty());
  EXPECT_EQ(store->ensure_plans({v2, changed}), std::vector{changed});

  EXPECT_EQ(store->plans(), (std::vector{v1, v2}));
  store = open();
  EXPECT_EQ(store->plans(), (std::vector{v1, v2}));
}

TEST_P(ReadTest, TextComesBackByteForByte) {
  const std::string nul("a\0b\0", 4);
  std::vector<std::string> texts = {"it's \"quoted\" -- ; drop table saga", "Größe 例 🚚 \u202e",
                                    "%_\\?1 $1 :x", std::string(1 << 20, 'x'), "\r\n\t"};
  if (GetParam().keeps_nul) texts.push_back(nul);
  Batch batch;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const int n = static_cast<int>(i);
    NewSaga start = keyed_start_of(n, texts[i].substr(0, 200));
    start.row.step = start.row.error_class = texts[i];
    // Tags are found by an index, in which PostgreSQL takes no value of more than 2.7 kB.
    start.tags = {{texts[i].substr(0, 200), texts[i].substr(0, 200)}};
    batch.starts.push_back(start);
    batch.journal.push_back(entry_of(n, 1, texts[i]));
  }
  must_commit(batch);

  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto row = store->find_saga(batch.starts[i].row.id);
    ASSERT_TRUE(row);
    EXPECT_TRUE(*row == batch.starts[i].row);
    EXPECT_TRUE(store->read_tags(row->id) == batch.starts[i].tags);
    EXPECT_TRUE(store->read_journal(row->id, 0, 9).at(0).body == texts[i]);
    EXPECT_EQ(ids({.tags = batch.starts[i].tags}), std::vector{row->id});
  }
}

TEST_P(ReadTest, TextThatCannotBeKeptIsRefusedAndNeverCut) {
  if (GetParam().keeps_nul) GTEST_SKIP() << "this store keeps every text";
  const std::string nul("a\0b", 3);
  const auto with = [&](auto change) {
    Batch batch{.starts = {keyed_start_of(1, "k")}, .updates = {}, .journal = {entry_of(1, 1)}};
    batch.starts[0].tags = {{"n", "v"}};
    change(batch);
    return batch;
  };
  const std::vector<Batch> bad = {
      with([&](Batch& batch) { batch.journal[0].body = nul; }),
      with([&](Batch& batch) { batch.starts[0].key->key = nul; }),
      with([&](Batch& batch) { batch.starts[0].row.step = nul; }),
      with([&](Batch& batch) { batch.starts[0].tags[0].value = nul; }),
      with([&](Batch& batch) { batch.journal[0].body = "\xff"; }),
  };

  for (std::size_t i = 0; i < bad.size(); ++i) {
    const auto result = commit(bad[i]);

    EXPECT_EQ(result.status, CommitStatus::refused) << i;
    EXPECT_EQ(result.error_class, "data") << i;
    EXPECT_EQ(store->find_saga(id_of(1)), std::nullopt) << i;
  }
  must_commit(with([](Batch&) {}));
  EXPECT_TRUE(ids({.tags = {{"n", nul}}}).empty());
  EXPECT_EQ(store->find_start_key("order", std::string("k\0", 2)), std::nullopt);
}

TEST_P(ReadTest, BeforeTheFirstTakeOverNothingIsShown) {
  auto other = tables->open();
  EXPECT_THROW(other->find_saga(id_of(1)), StoreUnavailable);
  EXPECT_THROW(other->load_live(0, std::nullopt, 1), StoreUnavailable);
}

}  // namespace
}  // namespace amends::engine
