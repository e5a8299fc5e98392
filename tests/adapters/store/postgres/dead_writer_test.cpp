// What writers that are gone leave in the table: connections that hang with the row in their hand, and
// numbers.
#include <future>

#include "tests/adapters/store/postgres/database.hpp"

namespace amends::engine {
namespace {

constexpr Millis lease{300};

class DeadWriterTest : public PostgresTest {
 protected:
  void SetUp() override {
    PostgresTest::SetUp();
    must_migrate();
    session = std::make_unique<PostgresSession>(url());
  }
  std::unique_ptr<postgres::PostgresStore> join(const std::string& id) {
    postgres::Options options;
    options.is_shared = true;
    options.lease = lease;
    auto store = must_open(options);
    const Opened opened = store->take_over(id, at_second(0));
    EXPECT_TRUE(opened.writer) << opened.error;
    return store;
  }
  static std::size_t owned(postgres::PostgresStore& store) { return store.tend(at_second(0)).owned.size(); }
  std::string writer_of(const std::string& id) {
    return session->ask("select writer_id from amends.writer where engine_id = '" + id + "'");
  }
  // As if so much time had passed since it was heard of.
  void age(const std::string& id, const std::string& interval) {
    session->ask("update amends.writer set taken_at = taken_at - interval '" + interval +
                 "', lease_until = lease_until - interval '" + interval + "' where engine_id = '" + id +
                 "'; update amends.engine set heartbeat = heartbeat - interval '" + interval +
                 "' where engine_id = '" + id + "'");
  }
  // A flush of `store` that waits for somebody else's uncommitted row, and holds its writer's row.
  std::future<CommitResult> begin_flush(postgres::PostgresStore& store) {
    session->ask(
        "begin; insert into amends.start_key (shard_id, workflow, key, body_hash, saga_id, until)"
        " values (amends.key_shard('order', 'k'), 'order', 'k', 'h', '01890000-0000-7000-8000-000000000000', "
        "now())");
    auto flush = std::async(std::launch::async,
                            [&store] { return store.commit({.starts = {keyed_start_of(1, "k")}}); });
    PostgresSession(url()).wait_until(
        "select count(*) = 1 from pg_stat_activity where datname = current_database()"
        " and wait_event_type = 'Lock' and query like 'with held%'");
    return flush;
  }

  std::unique_ptr<PostgresSession> session;
};

TEST_F(DeadWriterTest, AWriterThatHangsInALockLosesItsConnectionWithItsLeaseAndItsShards) {
  auto hanging = join("hanging");
  ASSERT_EQ(owned(*hanging), 64u);
  auto flush = begin_flush(*hanging);
  auto heir = join("heir");

  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(4);
  while (owned(*heir) < 64 && std::chrono::steady_clock::now() < until) {
  }

  EXPECT_EQ(owned(*heir), 64u);
  EXPECT_EQ(flush.get().status, CommitStatus::unknown);
  session->ask("rollback");
  ASSERT_TRUE(hanging->take_over("hanging", at_second(0)).writer);
  EXPECT_EQ(hanging->find_saga(id_of(1)), std::nullopt);
}

TEST_F(DeadWriterTest, ARestartUnderTheSameIdDoesNotWaitForTheConnectionThatHangs) {
  auto hanging = join("e");
  ASSERT_EQ(owned(*hanging), 64u);
  auto flush = begin_flush(*hanging);
  PostgresSession(url()).wait_until("select lease_until < now() from amends.writer where engine_id = 'e'");

  const auto before = std::chrono::steady_clock::now();
  auto restarted = join("e");

  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(4));
  EXPECT_EQ(owned(*restarted), 64u);
  EXPECT_EQ(flush.get().status, CommitStatus::unknown);
}

TEST_F(DeadWriterTest, ARowThatSomebodyElseHoldsIsPassedOverAndTakenOnceItIsFree) {
  auto dead = join("dead");
  ASSERT_EQ(owned(*dead), 64u);
  session->ask("begin; select 1 from amends.writer where engine_id = 'dead' for update");
  auto heir = join("heir");
  PostgresSession(url()).wait_until("select lease_until < now() from amends.writer where engine_id = 'dead'");

  EXPECT_EQ(owned(*heir), 0u);  // and at once: it does not wait
  session->ask("rollback");
  EXPECT_EQ(owned(*heir), 64u);
}

TEST_F(DeadWriterTest, ANumberIsGivenOnADayAfterItsEngineWasHeardOfAndGoesOnCounting) {
  auto old = join("pod-1");
  ASSERT_EQ(old->commit({.starts = {start_of(1)}, .journal = {entry_of(1, 1)}}).status,
            CommitStatus::committed);
  old->leave();
  old.reset();
  const std::string number = writer_of("pod-1");
  const std::string epoch = session->ask("select epoch from amends.writer where engine_id = 'pod-1'");

  auto too_early = join("pod-2");
  EXPECT_NE(writer_of("pod-2"), number);
  age("pod-1", "25 hours");
  auto heir = join("pod-3");

  EXPECT_EQ(writer_of("pod-3"), number);
  EXPECT_EQ(writer_of("pod-1"), "");
  EXPECT_EQ(session->ask("select count(*) from amends.engine"), "2");
  EXPECT_GT(std::stoi(session->ask("select epoch from amends.writer where engine_id = 'pod-3'")),
            std::stoi(epoch));
  ASSERT_EQ(heir->commit({.starts = {start_of(2)}, .journal = {entry_of(2, 1)}}).status,
            CommitStatus::committed);
  EXPECT_EQ(session->ask("select count(distinct (writer_id, epoch, commit_seq)) from amends.journal"), "2");
}

TEST_F(DeadWriterTest, ANumberIsNotGivenOnWhileItsEngineOwnsShardsOrLives) {
  auto owner = join("owner");
  ASSERT_EQ(owned(*owner), 64u);
  age("owner", "25 hours");
  auto alive = join("alive");
  age("alive", "25 hours");
  session->ask("update amends.writer set lease_until = now() + interval '1 hour' where engine_id = 'alive'");

  join("new");

  EXPECT_NE(writer_of("owner"), "");
  EXPECT_NE(writer_of("alive"), "");
}

TEST_F(DeadWriterTest, ItsFlushInDoubtIsNotMistakenForThatOfTheEngineThatHasTheNumberNow) {
  auto away = join("away");
  ASSERT_EQ(owned(*away), 64u);
  auto flush = begin_flush(*away);
  auto heir = join("heir");  // another number
  while (owned(*heir) < 64) {
  }
  ASSERT_EQ(flush.get().status, CommitStatus::unknown);
  session->ask("rollback");
  age("away", "25 hours");
  auto newcomer = join("newcomer");  // has the number of the one that is away
  // And the next one to be given on stands exactly where the flush in doubt would have left the other one.
  heir->leave();
  heir.reset();
  ASSERT_EQ(session->ask("select max(f.commit_seq) from amends.flush f join amends.writer w using (writer_id)"
                         " where w.engine_id = 'heir'"),
            "0");
  session->ask(
      "insert into amends.flush (writer_id, commit_seq, epoch) select writer_id, 1, 1 from amends.writer"
      " where engine_id = 'heir'");
  age("heir", "25 hours");

  const Opened back = away->take_over("away", at_second(0));

  ASSERT_TRUE(back.writer) << back.error;
  EXPECT_EQ(writer_of("heir"), "");
  EXPECT_EQ(back.writer->commit_seq, 2u);  // 1 would say that it had landed
  EXPECT_EQ(away->commit({.starts = {start_of(5)}}).status, CommitStatus::committed);
}

}  // namespace
}  // namespace amends::engine
