// Reading sagas back: page by page, by their due time, one by one.
#include <algorithm>

#include "tests/conformance/suite.hpp"

namespace amends::engine {
namespace {

class LoadTest : public StoreTest {
 protected:
  // Saga n, which waits until `second`.
  void start_waiting(int n, std::optional<int> second, std::string state = "running") {
    NewSaga start = start_of(n);
    start.row.state = std::move(state);
    if (second) start.row.wake_at = at_second(*second);
    must_commit({.starts = {start}, .journal = {entry_of(n, 1), entry_of(n, 2)}});
  }
  static std::vector<int> numbers(const std::vector<SavedSaga>& sagas) {
    std::vector<int> out;
    for (const SavedSaga& saved : sagas) {
      for (int n = 0; n < 1000; ++n)
        if (id_of(n) == saved.row.id) out.push_back(n);
      EXPECT_EQ(saved.journal.size(), 2u);
      for (const JournalRow& row : saved.journal) EXPECT_EQ(row.saga, saved.row.id);
    }
    return out;
  }
  std::vector<int> due(int until, std::uint32_t count_max = 100) {
    return numbers(store->load_due({{0, from_micros(0), {}}}, at_second(until), count_max));
  }
};

TEST_P(LoadTest, WhatWaitsComesByItsTimeUpToTheBound) {
  start_waiting(1, 300);
  start_waiting(2, 100);
  start_waiting(3, 200, "compensating");
  start_waiting(4, std::nullopt);
  start_waiting(5, 201);

  EXPECT_EQ(due(200), (std::vector{2, 3}));
  EXPECT_EQ(due(1000), (std::vector{2, 3, 5, 1}));
  EXPECT_EQ(due(99), std::vector<int>{});
  const auto rows = store->load_due({{0, from_micros(0), {}}}, at_second(100), 1);
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].row, *store->find_saga(id_of(2)));
}

TEST_P(LoadTest, ThousandsThatAreDueAtOneInstantComeInPagesWithoutAGap) {
  Batch batch;
  for (int n = 0; n < 100; ++n) {
    NewSaga start = start_of(n);
    start.row.wake_at = at_second(n < 95 ? 500 : 400 + n);
    batch.starts.push_back(start);
    batch.journal.push_back(entry_of(n, 1));
    batch.journal.push_back(entry_of(n, 2));
  }
  must_commit(batch);

  std::vector<int> all;
  DueAfter from{0, at_second(500), {}};
  for (;;) {
    const auto page = store->load_due({from}, at_second(500), 7);
    if (page.empty()) break;
    ASSERT_LE(page.size(), 7u);
    for (const int n : numbers(page)) all.push_back(n);
    from = {0, *page.back().row.wake_at, page.back().row.id};
  }
  std::vector<int> wanted(95);
  for (int n = 0; n < 95; ++n) wanted[static_cast<std::size_t>(n)] = n;
  EXPECT_EQ(all, wanted);
}

TEST_P(LoadTest, WhatIsOverOrMovesAgainIsNotDueAnyMore) {
  start_waiting(1, 100);
  start_waiting(2, 100);
  SagaRow moves = row_of(2);
  must_commit({.updates = {ended(1, "completed"), moves}});

  EXPECT_EQ(due(1000), std::vector<int>{});
}

TEST_P(LoadTest, ByTheirIdsComeThoseThatAreNotOver) {
  start_waiting(1, 100);
  start_waiting(2, std::nullopt, "needs_operator");
  start_waiting(3, std::nullopt);
  start_waiting(4, std::nullopt);
  must_commit({.updates = {ended(3, "completed")}});

  EXPECT_EQ(numbers(store->load_sagas({id_of(4), id_of(3), id_of(77), id_of(1), id_of(2)})),
            (std::vector{1, 2, 4}));
  EXPECT_TRUE(store->load_sagas({}).empty());
}

TEST_P(LoadTest, SleepersAreCountedByWhatTheySleepFor) {
  start_waiting(1, 100);
  start_waiting(2, 200);
  start_waiting(3, 201);
  start_waiting(4, std::nullopt, "needs_operator");
  start_waiting(5, std::nullopt);
  start_waiting(6, 50, "needs_operator");

  const Sleepers sleepers = store->count_sleepers({0}, at_second(100));

  EXPECT_EQ(sleepers.waiting, 2u);
  EXPECT_EQ(sleepers.parked, 1u);
  EXPECT_EQ(store->count_sleepers({}, at_second(0)).waiting, 0u);
}

AMENDS_FOR_EVERY_STORE(LoadTest);

}  // namespace
}  // namespace amends::engine
