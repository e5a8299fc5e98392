// Commits whose answer is lost: while the backend waits with the writer's row in its hand, it is killed,
// stopped, or cut off, and afterwards the flush lands or does not.
#include <signal.h>

#include <future>

#include "tests/adapters/store/postgres/database.hpp"

namespace amends::engine {
namespace {

// A flush is held up after its fence by somebody else's uncommitted row with the same key.
class DoubtTest : public PostgresTest {
 protected:
  void SetUp() override {
    PostgresTest::SetUp();
    must_migrate();
    store = must_open({.read_only = false,
                       .write_limit = std::chrono::seconds(20),
                       .read_limit = std::chrono::seconds(4),
                       .answer_limit = std::chrono::milliseconds(400)});
    must_take_over(*store);
    const auto first = store->commit({.starts = {start_of(1)}, .updates = {}, .journal = {entry_of(1, 1)}});
    ASSERT_EQ(first.status, CommitStatus::committed) << first.error;
    rival = std::make_unique<PostgresSession>(url());
    watcher = std::make_unique<PostgresSession>(url());
  }

  // Begins the flush of saga 2 on a thread, and returns once its backend waits.
  std::future<CommitResult> begin_flush() {
    rival->ask(
        "begin; insert into amends.start_key (shard_id, workflow, key, body_hash, saga_id, until)"
        " values (amends.key_shard('order', 'k'), 'order', 'k', 'h', '01890000-0000-7000-8000-000000000000', "
        "now())");
    auto result = std::async(std::launch::async, [this] {
      return store->commit({.starts = {keyed_start_of(2, "k")}, .updates = {}, .journal = {entry_of(2, 1)}});
    });
    watcher->wait_until("select count(*) = 1 from" + waiting_flushes);
    backend = std::stoi(watcher->ask("select pid from" + waiting_flushes));
    return result;
  }
  // Begins a take-over by another store, and returns once it waits for the writer's row.
  std::future<Writer> begin_take_over() {
    auto writer = std::async(std::launch::async, [this] {
      next = must_open();
      return must_take_over(*next);
    });
    watcher->wait_until(
        "select count(*) = 1 from pg_stat_activity where datname = current_database()"
        " and wait_event_type = 'Lock' and query like 'with others%'");
    return writer;
  }

  const std::string waiting_flushes =
      " pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
      " and query like 'with held%'";
  std::unique_ptr<postgres::PostgresStore> store, next;
  std::unique_ptr<PostgresSession> rival, watcher;
  pid_t backend = 0;
};

TEST_F(DoubtTest, AFlushWhoseBackendIsTerminatedIsInDoubtAndTheTakeOverFindsItMissing) {
  auto flush = begin_flush();

  watcher->ask("select pg_terminate_backend(" + std::to_string(backend) + ")");
  const CommitResult result = flush.get();
  rival->ask("rollback");

  EXPECT_EQ(result.status, CommitStatus::unknown);
  EXPECT_NE(result.error, "");
  EXPECT_THROW(store->find_saga(id_of(1)), StoreUnavailable);
  EXPECT_EQ(must_take_over(*store).commit_seq, 1u);
  EXPECT_EQ(store->find_saga(id_of(2)), std::nullopt);
  EXPECT_EQ(store->commit({.starts = {start_of(3)}, .updates = {}, .journal = {}}).status,
            CommitStatus::committed);
}

TEST_F(DoubtTest, AReadThatHangsHoldsUpNobodyWhoseFlushIsInDoubt) {
  const auto patient = std::chrono::seconds(20);
  store = must_open({.write_limit = patient, .read_limit = patient, .answer_limit = patient});
  must_take_over(*store);
  rival->ask("begin; lock table amends.saga in access exclusive mode");
  auto read = std::async(std::launch::async, [this] { return store->find_saga(id_of(1)); });
  const std::string waiting =
      " pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
  watcher->wait_until("select count(*) = 1 from" + waiting);
  auto flush = std::async(std::launch::async, [this] {
    return store->commit({.starts = {start_of(2)}, .updates = {}, .journal = {entry_of(2, 1)}});
  });
  watcher->wait_until("select count(*) = 1 from" + waiting_flushes);

  watcher->ask("select pg_terminate_backend(pid) from" + waiting_flushes);

  EXPECT_EQ(flush.get().status, CommitStatus::unknown);
  EXPECT_EQ(read.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  EXPECT_THROW(store->find_saga(id_of(1)), StoreUnavailable);
  rival->ask("rollback");
  EXPECT_TRUE(read.get());  // it began before the doubt, and what it saw stays so
  must_take_over(*store);
  EXPECT_TRUE(store->find_saga(id_of(1)));
}

TEST_F(DoubtTest, AFlushThatLandsAfterItsConnectionWasCutIsWaitedForAndSeen) {
  auto flush = begin_flush();
  ASSERT_EQ(flush.get().status, CommitStatus::unknown);  // the server said nothing for answer_limit

  auto writer = begin_take_over();
  // A plain read shows the old truth, which is why nothing is decided by one.
  EXPECT_EQ(watcher->ask("select max(commit_seq) from amends.flush"), "1");
  rival->ask("rollback");

  EXPECT_EQ(writer.get().commit_seq, 2u);
  EXPECT_NE(next->find_saga(id_of(2)), std::nullopt);
  EXPECT_EQ(next->read_journal(id_of(2), 0, 9).size(), 1u);
}

TEST_F(DoubtTest, AStoppedBackendThatGoesOnLaterStillCommitsBeforeTheTakeOver) {
  auto flush = begin_flush();
  ::kill(backend, SIGSTOP);
  rival->ask("rollback");
  ASSERT_EQ(flush.get().status, CommitStatus::unknown);

  auto writer = begin_take_over();
  ::kill(backend, SIGCONT);

  EXPECT_EQ(writer.get().commit_seq, 2u);
  EXPECT_NE(next->find_saga(id_of(2)), std::nullopt);
}

TEST_F(DoubtTest, AKeyThatSomebodyElseCommitsMeanwhileIsTakenAndTheHolderNamed) {
  auto flush = begin_flush();
  rival->ask("commit");

  const CommitResult result = flush.get();

  ASSERT_EQ(result.status, CommitStatus::committed) << result.error;
  ASSERT_EQ(result.taken.size(), 1u);
  EXPECT_EQ(result.taken[0].saga.text(), "01890000-0000-7000-8000-000000000000");
  EXPECT_EQ(store->find_saga(id_of(2)), std::nullopt);
}

TEST_F(DoubtTest, AKilledServerIsUnavailableUntilItRunsAgainAndHasWhatWasCommitted) {
  auto reader = must_open({.read_only = true});
  ASSERT_NE(reader->find_saga(id_of(1)), std::nullopt);
  rival.reset();
  watcher.reset();

  postgres_server().crash();
  const CommitResult result = store->commit({.starts = {start_of(2)}, .updates = {}, .journal = {}});
  const Opened refused = store->take_over("e1", at_second(1));
  EXPECT_THROW(store->find_saga(id_of(1)), StoreUnavailable);
  EXPECT_THROW(reader->find_saga(id_of(1)), StoreUnavailable);
  postgres_server().start();

  EXPECT_EQ(result.status, CommitStatus::unknown);
  EXPECT_FALSE(refused.writer);
  EXPECT_NE(refused.error, "");
  EXPECT_NE(reader->find_saga(id_of(1)), std::nullopt);
  EXPECT_EQ(must_take_over(*store).commit_seq, 1u);
  EXPECT_NE(store->find_saga(id_of(1)), std::nullopt);
}

TEST_F(DoubtTest, AConnectionThatAnotherVerbFoundBrokenLeavesTheNextFlushInDoubt) {
  watcher->ask(
      "select count(pg_terminate_backend(pid, 5000)) from pg_stat_activity"
      " where datname = current_database() and application_name = 'amends'");
  EXPECT_THROW(store->ensure_plans({{"order@1", "order", 1, "s", "g"}}), StoreUnavailable);

  const CommitResult result = store->commit({.starts = {start_of(2)}, .updates = {}, .journal = {}});

  EXPECT_EQ(result.status, CommitStatus::unknown);
  EXPECT_NE(result.error, "");
  EXPECT_EQ(must_take_over(*store).commit_seq, 1u);
}

TEST_F(DoubtTest, ReadsOfAStoppedServerEndAndSoDoThoseThatWaitBehindThem) {
  ASSERT_NE(store->find_saga(id_of(1)), std::nullopt);
  postgres_server().pause();
  std::vector<std::future<void>> reads;
  for (int i = 0; i < 9; ++i) {
    reads.push_back(std::async(std::launch::async,
                               [this] { EXPECT_THROW(store->find_saga(id_of(1)), StoreUnavailable); }));
  }
  for (auto& read : reads) read.get();
  postgres_server().resume();

  EXPECT_NE(store->find_saga(id_of(1)), std::nullopt);
}

TEST_F(DoubtTest, AReaderWhoseConnectionWasClosedGetsAnotherOne) {
  ASSERT_NE(store->find_saga(id_of(1)), std::nullopt);
  watcher->ask(
      "select count(pg_terminate_backend(pid, 5000)) from pg_stat_activity"
      " where datname = current_database() and application_name = 'amends'");

  EXPECT_NE(store->find_saga(id_of(1)), std::nullopt);
}

}  // namespace
}  // namespace amends::engine
