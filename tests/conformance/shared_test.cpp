// Several engines over one store: who owns what, what becomes of the dead, and commands for the owner.
#include <atomic>
#include <set>

#include "tests/conformance/shared_suite.hpp"

namespace amends::engine {
namespace {

TEST_P(SharedTest, OneToFourEnginesShareEvenly) {
  std::vector<One> engines;
  for (std::size_t n = 1; n <= 4; ++n) {
    engines.push_back(join("e" + std::to_string(n)));
    std::vector<One*> all;
    for (One& one : engines) all.push_back(&one);

    const auto counts = settle(all);

    std::size_t sum = 0;
    for (const std::size_t count : counts) {
      sum += count;
      EXPECT_LE(count, (shared_shards + n - 1) / n);
    }
    EXPECT_EQ(sum, shared_shards);
  }
}

TEST_P(SharedTest, AShardHasOneOwnerAndTheListsSayWho) {
  One a = join("a"), b = join("b");
  settle({&a, &b});

  std::set<ShardId> seen;
  for (One* one : {&a, &b})
    for (const ShardId shard : tend(*one).owned) EXPECT_TRUE(seen.insert(shard).second);
  EXPECT_EQ(seen.size(), shared_shards);
  const auto rows = a.shared().engines();
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].engine_id, "a");
  EXPECT_EQ(rows[0].shards, shared_shards / 2);
  EXPECT_TRUE(rows[1].alive);
  EXPECT_EQ(a.shared().shards().size(), shared_shards);
}

TEST_P(SharedTest, TheShardsOfADeadEngineAreTakenOnceItsLeaseIsOverAndItsFlushWritesNothing) {
  One dead = join("dead"), heir = join("heir");
  settle({&dead, &heir});
  const Share before = tend(dead);
  const SagaId saga = id(1, before.owned.front());
  SagaRow row = row_of(1);
  row.id = saga;

  ASSERT_TRUE(until([&] { return tend(heir).owned.size() == shared_shards; }));
  const auto result = dead.store->commit({.starts = {{.row = row, .key = std::nullopt, .tags = {}}}});

  EXPECT_EQ(result.status, CommitStatus::fenced);
  EXPECT_EQ(heir.store->find_saga(saga), std::nullopt);
  EXPECT_TRUE(is_fenced(dead.shared(), tables->now()));
}

// No take-over, no lease of the caller's: the epoch in the writer's row is all that stands in the way.
TEST_P(SharedTest, OfADeadEngineNoFlushIsWrittenWhateverIsInIt) {
  One dead = join("dead"), heir = join("heir");
  settle({&dead, &heir});
  const ShardId shard = tend(dead).owned.front();
  SagaRow row = row_of(1);
  row.id = id(1, shard);
  const JournalRow entry{row.id, 1, at_second(1), "[]", 0, 0};
  const CommandRow asked = command(9, shard);
  ASSERT_EQ(dead.store->commit({.starts = {{row, std::nullopt, {}}}, .journal = {entry}}).status,
            CommitStatus::committed);
  dead.shared().post_command(asked);
  ASSERT_TRUE(until([&] { return tend(heir).owned.size() == shared_shards; }));
  SagaRow over = row, fresh = row;
  over.state = "completed";
  over.active = false;
  fresh.id = id(2, shard);
  fresh.key = "k";
  JournalRow next = entry;
  next.seq = 2;

  const std::vector<Batch> flushes = {
      {},
      {.starts = {{fresh, std::nullopt, {}}}},
      {.starts = {{fresh, key_of("k"), {{"a", "b"}}}}},
      {.updates = {over}},
      {.journal = {next}},
      {.answered = {{asked.id, "accepted", ""}}},
      {.starts = {{fresh, key_of("k"), {}}},
       .updates = {over},
       .journal = {next},
       .answered = {{asked.id, "accepted", ""}}},
  };
  for (const Batch& flush : flushes) EXPECT_EQ(dead.store->commit(flush).status, CommitStatus::fenced);

  EXPECT_EQ(heir.store->find_saga(row.id), row);
  EXPECT_EQ(heir.store->find_saga(fresh.id), std::nullopt);
  EXPECT_EQ(heir.store->find_start_key("order", "k"), std::nullopt);
  EXPECT_EQ(heir.store->read_journal(row.id, 0, 10).size(), 1u);
  EXPECT_EQ(heir.shared().read_commands({shard}, std::nullopt, 10).size(), 1u);
  EXPECT_EQ(heir.store->commit({.updates = {over}}).status, CommitStatus::committed);
}

TEST_P(SharedTest, AFencedWriterJoinsAnewWithoutShardsAndGetsItsShareAgain) {
  One dead = join("dead"), heir = join("heir");
  settle({&dead, &heir});
  ASSERT_TRUE(until([&] { return tend(heir).owned.size() == shared_shards; }));

  ASSERT_TRUE(dead.store->take_over("dead", tables->now()).writer);

  EXPECT_TRUE(tend(dead).owned.empty());
  const auto counts = settle({&heir, &dead});
  EXPECT_EQ(counts, (std::vector<std::size_t>{shared_shards / 2, shared_shards / 2}));
}

TEST_P(SharedTest, ATwinIsRefusedWhileTheFirstLivesAndARestartTakesOverAtOnceWithItsShards) {
  One first = join("e");
  ASSERT_EQ(tend(first).owned.size(), shared_shards);
  auto second = tables->open();

  const Opened refused = second->take_over("e", tables->now());
  EXPECT_FALSE(refused.writer);
  EXPECT_EQ(refused.error_class, "twin");
  EXPECT_NE(refused.error.find("'e'"), std::string::npos) << refused.error;
  EXPECT_EQ(tend(first).owned.size(), shared_shards);

  first.store.reset();
  // Its connection may take a moment to be gone from the server's list.
  ASSERT_TRUE(until([&] { return second->take_over("e", tables->now()).writer.has_value(); }));
  EXPECT_EQ(second->shared()->tend(tables->now()).owned.size(), shared_shards);
}

TEST_P(SharedTest, ATakeOverByOurselvesKeepsTheShards) {
  One one = join("e");
  ASSERT_EQ(tend(one).owned.size(), shared_shards);
  ASSERT_TRUE(one.store->take_over("e", tables->now()).writer);
  EXPECT_EQ(tend(one).owned.size(), shared_shards);
}

TEST_P(SharedTest, WhatIsGivenUpGoesToTheOtherAtItsNextTendAndLeavingGivesAll) {
  One a = join("a");
  tend(a);
  One b = join("b");
  EXPECT_TRUE(tend(b).owned.empty());
  ASSERT_EQ(tend(a).surplus, shared_shards / 2u);

  a.shared().give_up({0, 3});
  EXPECT_EQ(tend(b).owned, (std::vector<ShardId>{0, 3}));

  a.shared().leave();
  const Share all = tend(b);
  EXPECT_EQ(all.owned.size(), shared_shards);
  EXPECT_EQ(all.engines, 1u);
  EXPECT_EQ(a.store->commit({.starts = {}}).status, CommitStatus::fenced);
}

TEST_P(SharedTest, CommandsAreReadInOrderOfTheirIdsInBoundsAndUntilTheyAreAnswered) {
  One one = join("e");
  tend(one);
  for (const int n : {3, 1, 2}) one.shared().post_command(command(n, 2));
  one.shared().post_command(command(4, 5));
  one.shared().post_command(command(4, 5));  // twice is once

  const auto read = [&](std::vector<ShardId> shards, std::optional<SagaId> after, std::uint32_t max) {
    std::vector<SagaId> out;
    for (const auto& row : one.shared().read_commands(shards, after, max)) out.push_back(row.id);
    return out;
  };
  const std::vector<SagaId> all{id(1, 2), id(2, 2), id(3, 2), id(4, 5)};
  EXPECT_EQ(read({2, 5}, std::nullopt, 9), all);
  EXPECT_EQ(read({2, 5}, id(1, 2), 2), (std::vector<SagaId>{id(2, 2), id(3, 2)}));
  EXPECT_EQ(read({5}, std::nullopt, 9), (std::vector<SagaId>{id(4, 5)}));
  EXPECT_EQ(one.shared().read_commands({5}, std::nullopt, 9).front(), command(4, 5));
  EXPECT_TRUE(one.shared().find_done(all).empty());

  const CommandDone done{id(2, 2), "accepted", "a sentence"};
  ASSERT_EQ(one.store->commit({.answered = {done}}).status, CommitStatus::committed);
  EXPECT_EQ(read({2}, std::nullopt, 9), (std::vector<SagaId>{id(1, 2), id(3, 2)}));
  EXPECT_EQ(one.shared().find_done(all), (std::vector<CommandDone>{done}));
}

TEST_P(SharedTest, AnAnswerIsWrittenWithItsFlushOrNotAtAll) {
  One dead = join("dead");
  tend(dead);
  dead.shared().post_command(command(1, 2));
  const CommandDone done{id(1, 2), "accepted", ""};

  SagaRow nowhere = ended(7, "completed");
  EXPECT_EQ(dead.store->commit({.updates = {nowhere}, .answered = {done}}).status, CommitStatus::refused);
  EXPECT_TRUE(dead.shared().find_done({done.command}).empty());

  One heir = join("heir");
  ASSERT_TRUE(until([&] { return tend(heir).owned.size() == shared_shards; }));
  EXPECT_EQ(dead.store->commit({.answered = {done}}).status, CommitStatus::fenced);
  EXPECT_TRUE(heir.shared().find_done({done.command}).empty());
}

TEST_P(SharedTest, SagasOfEveryShardAreListedNewestFirstAndTheirKeysFound) {
  One one = join("e");
  tend(one);
  Batch batch;
  std::vector<SagaId> ids;
  for (int n = 0; n < 6; ++n) {
    NewSaga start = keyed_start_of(n, "k" + std::to_string(n));
    start.row.id = id(n, static_cast<ShardId>(n * 5 % shared_shards));
    ids.push_back(start.row.id);
    batch.starts.push_back(start);
  }
  ASSERT_EQ(one.store->commit(batch).status, CommitStatus::committed);

  const auto page = one.store->list({}, std::nullopt, 4);
  ASSERT_EQ(page.rows.size(), 4u);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(page.rows[i].id, ids[5 - i]);
  EXPECT_EQ(one.store->list({}, page.more, 4).rows.size(), 2u);
  for (std::size_t n = 0; n < 6; ++n)
    EXPECT_EQ(one.store->find_start_key("order", "k" + std::to_string(n)), ids[n]);
  EXPECT_EQ(one.shared().find_sagas({ids[3], id(99, 1), ids[1]}).size(), 2u);
  EXPECT_EQ(one.store->load_live(ids[1].shard(), std::nullopt, 9).size(), 1u);
  EXPECT_EQ(one.store->commit(batch).taken.size(), 6u);  // by themselves
}

TEST_P(SharedTest, AKeyThatIsTakenInAnotherShardNamesItsHolder) {
  One one = join("e");
  tend(one);
  NewSaga first = keyed_start_of(1, "k", "h1"), second = keyed_start_of(2, "k", "h2");
  first.row.id = id(1, 1);
  second.row.id = id(2, 7);
  ASSERT_EQ(one.store->commit({.starts = {first}}).status, CommitStatus::committed);

  const auto result = one.store->commit({.starts = {second}});

  ASSERT_EQ(result.taken.size(), 1u);
  EXPECT_EQ(result.taken[0].saga, first.row.id);
  EXPECT_EQ(result.taken[0].body_hash, "h1");
}

TEST_P(SharedTest, ACommandWakesItsOwnerAndSoDoShardsThatAreGivenUp) {
  One owner = join("owner");
  tend(owner);
  std::atomic<int> wakes = 0;
  owner.shared().on_wake([&] { ++wakes; });
  One other = join("other");

  // Until it listens a hint is lost, so it is given again and again.
  int n = 0;
  EXPECT_TRUE(until([&] {
    other.shared().post_command(command(++n, 3));
    return wakes > 1;
  }));
  const int before = wakes;
  EXPECT_TRUE(until([&] {
    other.shared().give_up({});
    return wakes > before;
  }));
  owner.store.reset();  // its thread calls no more
}

AMENDS_FOR_EVERY_SHARED_STORE(SharedTest);

}  // namespace
}  // namespace amends::engine
