// Who leaves, in which pieces, how long it rests; by a clock of the test's own.
#include "engine/service/retiring.hpp"

#include <gtest/gtest.h>

#include "adapters/store/memory/memory_store.hpp"
#include "engine/service/retirement.hpp"
#include "tests/conformance/rows.hpp"

namespace amends::engine {
namespace {

using namespace std::chrono_literals;

struct HandClock : Clock {
  WallTime at = at_second(1'000);
  Elapsed since{};
  WallTime wall() const override { return at; }
  Elapsed elapsed() const override { return since; }
  void pass(Micros time) {
    at += time;
    since += time;
  }
};

struct Notes : Observer {
  std::vector<std::string> said;
  void note(Severity, std::string_view sentence) override { said.emplace_back(sentence); }
};

struct PlayedArchive : Archive {
  std::string trouble;
  std::vector<EndedSaga> kept;
  std::string append(const std::vector<EndedSaga>& sagas, WallTime) override {
    if (trouble.empty()) kept.insert(kept.end(), sagas.begin(), sagas.end());
    return trouble;
  }
};

// A store whose verbs take time: so much a call, and so much a saga that is looked at.
struct SlowRetention : Retention {
  Retention& store;
  HandClock& clock;
  Micros a_call{}, a_saga{};
  std::string down;
  std::uint32_t looked_most = 0;

  SlowRetention(Retention& over, HandClock& by) : store(over), clock(by) {}
  void work(std::size_t sagas) {
    if (!down.empty()) throw StoreUnavailable{"io", down};
    clock.pass(a_call + a_saga * static_cast<Micros::rep>(sagas));
  }
  EndedPage find_ended(ShardId shard, std::optional<SagaId> after, WallTime before, std::uint32_t looked_max,
                       bool whole) override {
    work(looked_max);
    looked_most = std::max(looked_most, looked_max);
    return store.find_ended(shard, after, before, looked_max, whole);
  }
  std::uint32_t retire(const std::vector<SagaId>& sagas) override {
    work(0);
    return store.retire(sagas);
  }
  void keep_keys(const std::vector<KeptKey>& keys) override {
    work(0);
    store.keep_keys(keys);
  }
  std::uint32_t forget_keys(WallTime now, WallTime ended_before, std::uint32_t count_max) override {
    work(0);
    return store.forget_keys(now, ended_before, count_max);
  }
  std::uint32_t forget_commands(const std::vector<ShardId>& shards, WallTime before,
                                std::uint32_t count_max) override {
    work(0);
    return store.forget_commands(shards, before, count_max);
  }
};

class RetiringTest : public testing::Test {
 protected:
  RetiringTest() { store.take_over("e", at_second(0)); }

  // Sagas that ended a second after their start, at second n; with keys until second 1000.
  void add(int from, int count) {
    Batch batch;
    for (int n = from; n < from + count; ++n) {
      batch.starts.push_back(keyed_start_of(n, "k" + std::to_string(n)));
      batch.updates.push_back(ended(n, "completed"));
      batch.journal.push_back(entry_of(n, 1));
    }
    ASSERT_EQ(store.commit(batch).status, CommitStatus::committed);
  }
  Retiring make(RetiringOptions options, Archive* kept_in = nullptr) {
    return {options, slow, [this] { return owned; }, kept_in, clock, notes};
  }
  // Steps and rests until so much time has passed; returns how much of it was spent in steps.
  Micros run(Retiring& retiring, Micros time) {
    Micros busy{};
    const Elapsed end = clock.since + time;
    while (clock.since < end) {
      const Elapsed begin = clock.since;
      const Micros rest = retiring.step();
      busy += clock.since - begin;
      clock.pass(rest);
    }
    return busy;
  }
  std::size_t stored() { return store.list({}, std::nullopt, 100'000).rows.size(); }

  memory::MemoryStore store{std::make_shared<memory::Tables>()};
  HandClock clock;
  SlowRetention slow{store, clock};
  Notes notes;
  PlayedArchive archive;
  std::vector<ShardId> owned{0};
};

TEST_F(RetiringTest, WhatIsOldEnoughLeavesAndWhatIsNotStays) {
  add(0, 100);    // the last one ended at second 100
  add(900, 100);  // at most 100 seconds ago
  Retiring retiring = make({.finished = 500s});

  run(retiring, 10s);

  EXPECT_EQ(stored(), 100u);
  EXPECT_EQ(notes.metrics.retired, 100u);
  EXPECT_TRUE(notes.said.empty());
}

TEST_F(RetiringTest, EachLeavesOnceItIsOldEnough) {
  add(990, 1);  // ended at second 991, so it is old enough after 1001
  Retiring retiring = make({.finished = 10s});

  run(retiring, 900ms);
  EXPECT_EQ(stored(), 1u);
  run(retiring, 3s);
  EXPECT_EQ(stored(), 0u);
}

TEST_F(RetiringTest, ForEverNothingLeavesButKeysDo) {
  add(0, 50);
  Retiring retiring = make({.finished = {}, .share = 1, .keys_kept = 100s});

  run(retiring, 10s);

  EXPECT_EQ(stored(), 50u);
  EXPECT_EQ(store.find_start_key("order", "k7"), std::nullopt);
}

TEST_F(RetiringTest, AKeyOutlivesItsSagaHoweverLongThatRan) {
  add(900, 1);  // created at second 900, with a key until second 1000
  SagaRow row = ended(900, "completed");
  row.updated_at = at_second(1'050);
  row.seq = 3;
  ASSERT_EQ(store.commit({.updates = {row}}).status, CommitStatus::committed);
  clock.pass(100s);  // second 1100
  Retiring retiring = make({.finished = 80s, .share = 0.05, .keys_kept = 200s});

  run(retiring, 20s);
  EXPECT_EQ(stored(), 1u);
  EXPECT_EQ(store.find_start_key("order", "k900"), id_of(900));
  run(retiring, 100s);
  EXPECT_EQ(stored(), 0u);
  EXPECT_EQ(store.find_start_key("order", "k900"), id_of(900));
  run(retiring, 50s);  // more than 200 s after its end
  EXPECT_EQ(store.find_start_key("order", "k900"), std::nullopt);
}

TEST_F(RetiringTest, ItTakesItsShareOfTheTimeAndNoMore) {
  slow.a_call = 1ms;
  slow.a_saga = 1ms;
  int n = 0;
  for (const double share : {0.05, 0.5}) {
    add(n, 400);  // more than it gets through
    n += 400;
    Retiring retiring = make({.finished = 1s, .share = share});
    const Elapsed begin = clock.since;
    const auto busy =
        static_cast<double>(run(retiring, std::chrono::duration_cast<Micros>(200ms / share)).count());
    const auto all = static_cast<double>((clock.since - begin).count());
    EXPECT_LE(busy, share * all * 1.001);
    EXPECT_GE(busy, share * all * 0.9);
    EXPECT_GT(stored(), 0u);
  }
  Retiring all_the_time = make({.finished = 1s, .share = 1});
  run(all_the_time, 10s);
  EXPECT_EQ(stored(), 0u);
}

TEST_F(RetiringTest, APieceGrowsUntilItTakesItsTimeAndShrinksWhenItTakesLonger) {
  add(0, 900);
  slow.a_saga = 20us;
  Retiring retiring = make({.finished = 1s, .share = 1});
  run(retiring, 1s);
  EXPECT_GE(slow.looked_most, 512u);

  PieceSize size(100);
  size.took(1ms, 20ms, true);
  EXPECT_EQ(size.count(), 32u);
  size.took(1ms, 20ms, false);  // there was no more to do
  EXPECT_EQ(size.count(), 32u);
  size.took(30ms, 20ms, true);
  EXPECT_EQ(size.count(), 32u);
  size.took(41ms, 20ms, true);
  EXPECT_EQ(size.count(), 16u);
  for (int i = 0; i < 9; ++i) size.took(1s, 20ms, true);
  EXPECT_EQ(size.count(), 1u);
  for (int i = 0; i < 9; ++i) size.took(1ms, 20ms, true);
  EXPECT_EQ(size.count(), 100u);
}

TEST_F(RetiringTest, WithNothingToDoItHardlyAsks) {
  slow.a_call = 1ms;
  Retiring retiring = make({.finished = 24h});
  EXPECT_LT(run(retiring, 600s), 20 * 3ms);
}

TEST_F(RetiringTest, WhatLeavesIsArchivedWholeBefore) {
  add(0, 5);
  Retiring retiring = make({.finished = 1s}, &archive);

  run(retiring, 5s);

  EXPECT_EQ(stored(), 0u);
  ASSERT_EQ(archive.kept.size(), 5u);
  EXPECT_EQ(archive.kept[4].row.id, id_of(4));
  EXPECT_EQ(archive.kept[4].journal.size(), 1u);
}

TEST_F(RetiringTest, WhatCannotBeArchivedStaysAndThatIsSaidOnceForEachCause) {
  add(0, 5);
  Retiring retiring = make({.finished = 1s, .share = 0.05, .keys_kept = 100s}, &archive);
  archive.trouble = "no room";
  run(retiring, 200s);
  archive.trouble = "no right";
  run(retiring, 200s);

  EXPECT_EQ(stored(), 5u);
  EXPECT_EQ(notes.said,
            (std::vector<std::string>{"finished sagas stay, because they cannot be archived: no room",
                                      "finished sagas stay, because they cannot be archived: no right"}));
  EXPECT_GE(notes.metrics.archive_failures, 4u);
  EXPECT_EQ(notes.metrics.retiring_stuck, 1u);
  EXPECT_EQ(store.find_start_key("order", "k0"), std::nullopt);  // the rest goes on

  archive.trouble.clear();
  run(retiring, 200s);
  EXPECT_EQ(stored(), 0u);
  EXPECT_EQ(notes.said.back(), "finished sagas and old keys leave the store again");
  EXPECT_EQ(notes.metrics.retiring_stuck, 0u);
}

TEST_F(RetiringTest, AStoreThatIsDownIsAskedAgainAndNamedOnce) {
  add(0, 5);
  Retiring retiring = make({.finished = 1s});
  slow.down = "gone";
  retiring.step();
  EXPECT_TRUE(notes.said.empty());
  run(retiring, 300s);
  EXPECT_EQ(notes.said.size(), 1u);
  EXPECT_EQ(notes.metrics.retiring_stuck, 1u);

  slow.down.clear();
  run(retiring, 120s);
  EXPECT_EQ(stored(), 0u);
  EXPECT_EQ(notes.said.size(), 2u);
  EXPECT_EQ(notes.metrics.retiring_stuck, 0u);
}

TEST_F(RetiringTest, WithoutShardsItWaitsForThem) {
  add(0, 5);
  owned.clear();
  Retiring retiring = make({.finished = 1s});
  run(retiring, 5s);
  EXPECT_EQ(stored(), 5u);
  owned = {0};
  run(retiring, 5s);
  EXPECT_EQ(stored(), 0u);
}

TEST_F(RetiringTest, TheThreadStopsInTheMiddleOfARest) {
  slow.a_call = std::chrono::hours(1);
  Retirement thread(
      {.finished = 1s}, slow, [this] { return owned; }, nullptr, clock, notes);
  thread.stop();
  thread.stop();
}

}  // namespace
}  // namespace amends::engine
