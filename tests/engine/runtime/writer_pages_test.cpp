// The pages in which sagas come back from the store: which first, none twice, none forgotten, and what
// becomes of them when the store fails.
#include "engine/runtime/store_writer.hpp"

#include <gtest/gtest.h>

#include <set>

#include "adapters/store/memory/memory_store.hpp"
#include "tests/engine/runtime/loop_world.hpp"

namespace amends::engine {
namespace {

constexpr std::size_t page = 500, reloads_at_once = 64;

// Its pages fail as often as the test says.
class PageStore final : public memory::MemoryStore {
 public:
  using MemoryStore::MemoryStore;
  std::vector<SavedSaga> load_live(ShardId shard, std::optional<SagaId> after, std::uint32_t max) override {
    if (failing > 0 && failing-- > 0) throw StoreUnavailable{"io", "gone"};
    return MemoryStore::load_live(shard, after, max);
  }
  int failing = 0;
};

struct WriterPages : testing::Test {
  void open(ShardId shards) {
    tables = std::make_shared<memory::Tables>(shards);
    store = std::make_unique<PageStore>(tables);
    ASSERT_TRUE(store->take_over("e", clock.wall()).writer);
    if (store->shared()) store->tend(clock.wall());
    writer = std::make_unique<StoreWriter>("e", clock, *store, lease,
                                           [this](WriterReport what) { reports.push_back(std::move(what)); });
  }
  // So many sagas of a shard; those that wait do so until a second each after `due`.
  std::vector<SagaId> add(ShardId shard, std::size_t count, std::optional<WallTime> due = {}) {
    Batch batch;
    std::vector<SagaId> ids;
    for (std::size_t i = 0; i < count; ++i) {
      SagaRow row;
      ++added;
      row.id = SagaId::make(clock.wall() + Millis(added), shard, added);
      row.plan_id = "order@1";
      row.workflow = "order";
      row.state = "running";
      row.seq = 1;
      row.active = true;
      if (due) row.wake_at = *due + std::chrono::seconds(i / 2);
      row.created_at = row.updated_at = clock.wall();
      ids.push_back(row.id);
      batch.starts.push_back({row, std::nullopt, {}});
    }
    EXPECT_EQ(store->commit(batch).status, CommitStatus::committed);
    return ids;
  }
  void finish() {
    for (int steps = 0; writer->has_work(); ++steps) {
      ASSERT_LT(steps, 1'000);
      writer->go_on();
    }
  }
  template <typename Report>
  std::vector<Report> all_of() const {
    std::vector<Report> out;
    for (const WriterReport& report : reports)
      if (const auto* one = std::get_if<Report>(&report)) out.push_back(*one);
    return out;
  }
  // The sagas of all pages, and none of them twice.
  std::set<SagaId> loaded() const {
    std::set<SagaId> out;
    for (const LoadedPage& one : all_of<LoadedPage>())
      for (const SavedSaga& saved : one.sagas) EXPECT_TRUE(out.insert(saved.row.id).second);
    return out;
  }
  static std::set<SagaId> joined(std::initializer_list<std::vector<SagaId>> parts) {
    std::set<SagaId> out;
    for (const auto& part : parts) out.insert(part.begin(), part.end());
    return out;
  }

  SteppedClock clock;
  Lease lease{clock};
  std::shared_ptr<memory::Tables> tables;
  std::unique_ptr<PageStore> store;
  std::unique_ptr<StoreWriter> writer;
  std::vector<WriterReport> reports;
  std::uint64_t added = 0;
  const WallTime soon = clock.wall() + std::chrono::seconds(1);
  const WallTime until = clock.wall() + std::chrono::hours(1);
};

TEST_F(WriterPages, AShardComesWholeWhateverItsSizeAndDoesNotHoldUpAnother) {
  open(4);
  const auto live = add(1, 2 * page + 3), due = add(1, page + 7, soon), few = add(2, 3);
  add(1, 5, until + std::chrono::seconds(1));  // sleeps on
  add(3, 5);                                   // was not asked for

  writer->begin(LoadShardsJob{{1, 2}, until});
  EXPECT_TRUE(writer->takes_job() || writer->has_work());
  finish();

  EXPECT_EQ(loaded(), joined({live, due, few}));
  const auto done = all_of<LoadedShard>();
  ASSERT_EQ(done.size(), 2u);
  EXPECT_EQ(done[0].shard, 2u) << "the small one need not wait for the large one";
  EXPECT_EQ(done[1].shard, 1u);
}

TEST_F(WriterPages, WhoIsWaitedForComesFirstThenWhatIsDueThenTheRest) {
  open(4);
  const auto live = add(1, 3), due = add(1, 4, soon);
  writer->begin(LoadShardsJob{{1}, until});
  writer->go_on();
  writer->begin(LookJob{{{1}, soon, until}});
  writer->go_on();
  writer->begin(ReloadJob{{live[0], due[0]}});
  reports.clear();

  writer->go_on();
  EXPECT_EQ(all_of<Reloaded>().size(), 1u);
  EXPECT_EQ(reports.size(), 1u);
  finish();

  EXPECT_TRUE(std::holds_alternative<LoadedShard>(reports.back()));
}

TEST_F(WriterPages, ALookGoesBeforeWhatIsReadBack) {
  open(4);
  add(1, 3);
  const auto due = add(2, 4, soon);
  writer->begin(LoadShardsJob{{1}, until});
  writer->go_on();
  writer->begin(LookJob{{{2}, soon, until}});
  reports.clear();

  writer->go_on();

  EXPECT_EQ(loaded(), joined({due}));
  EXPECT_EQ(all_of<LookedUp>().size(), 1u);
}

TEST_F(WriterPages, ThoseThatAreWaitedForComeInBitesEachOnce) {
  open(4);
  const auto sagas = add(1, 2 * reloads_at_once + 5);
  writer->begin(ReloadJob{sagas});
  finish();

  std::vector<SagaId> asked, found;
  for (const Reloaded& one : all_of<Reloaded>()) {
    EXPECT_LE(one.asked.size(), reloads_at_once);
    asked.insert(asked.end(), one.asked.begin(), one.asked.end());
    for (const SavedSaga& saved : one.found) found.push_back(saved.row.id);
  }
  EXPECT_EQ(asked, sagas);
  EXPECT_EQ(found.size(), sagas.size());
}

TEST_F(WriterPages, ALookFindsAllThatComesDueInManyShardsAndEndsOnce) {
  open(4);
  const auto many = add(1, 3 * page, soon), few = add(2, 3, soon);
  add(3, 3, soon);                             // was not asked for
  add(1, 3, until + std::chrono::seconds(1));  // not yet
  writer->begin(LookJob{{{1, 2}, clock.wall(), until}});
  writer->go_on();
  EXPECT_TRUE(all_of<LookedUp>().empty());
  finish();
  EXPECT_EQ(loaded(), joined({many, few}));
  EXPECT_EQ(all_of<LookedUp>().size(), 1u);

  writer->begin(LookJob{{{1}, until + Micros(1), until + std::chrono::hours(1)}});
  finish();

  EXPECT_EQ(loaded().size(), many.size() + few.size() + 3);
  EXPECT_EQ(all_of<LookedUp>().size(), 2u);
}

TEST_F(WriterPages, APageThatFailsIsAskedForAgainLater) {
  open(4);
  const auto live = add(1, page + 3);
  writer->begin(LoadShardsJob{{1}, until});
  writer->go_on();
  store->failing = 2;
  EXPECT_GT(writer->go_on(), Millis(0));
  finish();

  EXPECT_EQ(loaded(), joined({live}));
  EXPECT_TRUE(all_of<TakenOver>().empty()) << "the lease tells, where the store is shared";
  EXPECT_EQ(all_of<LoadedShard>().size(), 1u);
}

TEST_F(WriterPages, AStoreOfItsOwnIsTakenOverAgainWhenAPageFails) {
  open(1);
  const auto live = add(0, page + 3);
  writer->begin(LoadJob{until});
  store->failing = 1;
  writer->go_on();
  finish();

  EXPECT_EQ(loaded(), joined({live}));
  EXPECT_EQ(all_of<TakenOver>().size(), 1u);
  EXPECT_EQ(all_of<LoadedAll>().size(), 1u);
}

TEST_F(WriterPages, WhatWasAskedForBeforeItWasFencedIsNotDone) {
  open(4);
  const auto sagas = add(1, 3);
  add(1, 3, soon);
  const std::vector<WriterJob> jobs = {LoadShardsJob{{1}, until}, LookJob{{{1}, soon, until}},
                                       ReloadJob{sagas}};
  for (const WriterJob& job : jobs) {
    if (!writer->takes_job()) writer->go_on();
    writer->begin(job);
  }
  tables->answer_commit(1, memory::Answer::fenced);
  if (!writer->takes_job()) writer->go_on();
  reports.clear();

  const Batch batch;
  writer->begin(CommitJob{&batch});

  ASSERT_EQ(reports.size(), 1u);
  EXPECT_EQ(std::get<CommitReport>(reports[0]).result.status, CommitStatus::fenced);
  EXPECT_FALSE(writer->has_work());
  for (const WriterJob& job : jobs) writer->begin(job);
  writer->begin(TendJob{});
  writer->begin(GiveUpJob{{1}});
  EXPECT_FALSE(writer->has_work());
  EXPECT_EQ(reports.size(), 1u);
}

}  // namespace
}  // namespace amends::engine
