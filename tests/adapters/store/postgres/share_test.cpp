// Who owns what when several come at once, and what one may still do that was declared dead.
#include <algorithm>
#include <future>

#include "tests/adapters/store/postgres/sharing.hpp"

namespace amends::engine {
namespace {

class ShareTest : public SharingTest {};

TEST_F(ShareTest, AnEngineThatTakesTheStoreForItselfFencesTheOthersAndOwnsAllShards) {
  StorePtr a = join("a");
  tend(*a);

  auto alone = must_open();
  must_take_over(*alone);

  EXPECT_EQ(a->commit({.starts = {start_of(1)}}).status, CommitStatus::fenced);
  EXPECT_EQ(ask("select count(*) from amends.shard where writer_id = 0"), std::to_string(shard_count));
}

TEST_F(ShareTest, ATwinWhoseConnectionIsGoneIsNoTwinHoweverLongItsLeaseStands) {
  StorePtr first = join("e");
  const std::string backend = writer("backend_pid", "e");
  StorePtr second = open();
  EXPECT_EQ(second->take_over("e", at_second(0)).error_class, "twin");

  first.reset();
  PostgresSession(url()).wait_until("select not exists (select from pg_stat_activity where pid = " + backend +
                                    ")");

  EXPECT_TRUE(second->take_over("e", at_second(0)).writer);
}

TEST_F(ShareTest, AnotherConnectionUnderTheSameProcessNumberIsNoTwin) {
  StorePtr first = join("e");
  first.reset();
  PostgresSession stranger(url());
  stranger.ask("update amends.writer set backend_pid = pg_backend_pid() where engine_id = 'e'");

  EXPECT_TRUE(open()->take_over("e", at_second(0)).writer);
}

TEST_F(ShareTest, ATwinThatIsConnectedAndSilentForLongerThanItsLeaseIsTakenOver) {
  StorePtr first = join("e");
  StorePtr second = open();
  end_lease("e");

  EXPECT_TRUE(second->take_over("e", at_second(0)).writer);

  EXPECT_NE(first->commit({.starts = {start_of(1)}}).status, CommitStatus::committed);
  EXPECT_EQ(first->take_over("e", at_second(0)).error_class, "twin");
  EXPECT_EQ(second->find_saga(id_of(1)), std::nullopt);
}

TEST_F(ShareTest, OfTwoThatTakeOverAtTheSameMomentOneIsTheTwin) {
  join("e").reset();
  end_lease("e");
  StorePtr rivals[2] = {open(), open()};
  session->ask("begin; select 1 from amends.writer where engine_id = 'e' for update");
  std::future<Opened> opened[2];
  for (int i = 0; i < 2; ++i)
    opened[i] = std::async(std::launch::async, [&, i] { return rivals[i]->take_over("e", at_second(0)); });
  wait_for_lock("with held", 2);
  session->ask("commit");

  const Opened one = opened[0].get(), other = opened[1].get();

  EXPECT_NE(one.writer.has_value(), other.writer.has_value());
  EXPECT_EQ((one.writer ? other : one).error_class, "twin");
}

// Our connection is broken, and the server does not know it yet: its flush still holds the row.
TEST_F(ShareTest, TakingOverEndsTheConnectionThatTheSameProcessHadBefore) {
  postgres::Options options;
  options.is_shared = true;
  options.lease = long_lease;
  options.answer_limit = std::chrono::milliseconds(300);
  options.write_limit = std::chrono::seconds(20);
  StorePtr e = must_open(options);
  ASSERT_TRUE(e->take_over("e", at_second(0)).writer);
  session->ask(
      "begin; insert into amends.start_key (shard_id, workflow, key, body_hash, saga_id, until) values "
      "(amends.key_shard('order', 'k'), 'order', 'k', 'h', gen_random_uuid(), now())");
  EXPECT_EQ(e->commit({.starts = {keyed_start_of(2, "k")}}).status, CommitStatus::unknown);

  const Opened again = e->take_over("e", at_second(0));

  EXPECT_TRUE(again.writer) << again.error;
  session->ask("rollback");
  EXPECT_EQ(e->find_saga(id_of(2)), std::nullopt);
}

TEST_F(ShareTest, OneThatIsAliveIsNotBuried) {
  StorePtr a = join("a"), b = join("b");
  tend(*a);

  tend(*b);

  EXPECT_EQ(a->commit({.starts = {start_of(1)}}).status, CommitStatus::committed);
}

TEST_F(ShareTest, ADeadOneWhoseLastCommitIsOnItsWayIsPassedOverUntilThatIsSettled) {
  StorePtr dead = join("dead"), heir = join("heir");
  const auto left = tend(*dead);
  session->ask(
      "begin; update amends.writer set lease_until = now() - interval '1 ms' where engine_id = 'dead'");
  session->ask("commit; begin; select 1 from amends.writer where engine_id = 'dead' for share");

  EXPECT_EQ(tend(*heir).size(), shard_count - left.size());

  session->ask("commit");
  EXPECT_EQ(tend(*heir).size(), shard_count);
}

TEST_F(ShareTest, AFreeShardThatAnotherIsAboutToTakeIsPassedOver) {
  StorePtr b = join("b");
  session->ask("begin; update amends.shard set writer_id = 0 where shard_id = 0");

  EXPECT_EQ(tend(*b).size(), shard_count - 1);
  session->ask("commit");
}

TEST_F(ShareTest, NobodyTakesMoreThanAnEvenShareOfWhatIsFree) {
  StorePtr a = join("a"), b = join("b");

  EXPECT_EQ(tend(*a).size(), shard_count / 2);
  EXPECT_EQ(tend(*b).size(), shard_count / 2);
}

TEST_F(ShareTest, OneThatWasBuriedRenewsNothingAndIsNotCountedAmongTheLiving) {
  StorePtr dead = join("dead"), heir = join("heir");
  end_lease("dead");
  tend(*heir);

  EXPECT_EQ(class_of([&] { tend(*dead); }), "fenced");

  EXPECT_EQ(writer("coalesce(lease_until::text, 'none')", "dead"), "none");
  EXPECT_EQ(heir->tend(at_second(0)).engines, 1u);
}

TEST_F(ShareTest, OneWhoseEpochIsOverGivesUpAndLeavesNothing) {
  StorePtr e = join("e");
  tend(*e);
  ask("update amends.writer set epoch = epoch + 1 where engine_id = 'e'");

  EXPECT_EQ(class_of([&] { e->give_up({0, 1}); }), "fenced");
  EXPECT_EQ(class_of([&] { e->leave(); }), "fenced");

  EXPECT_EQ(ask("select count(*) from amends.shard where writer_id is null"), "0");
  EXPECT_EQ(writer("lease_until > now()", "e"), "t");
}

TEST_F(ShareTest, NobodyGivesUpWhatIsAnothers) {
  StorePtr a = join("a"), b = join("b");
  tend(*a);

  a->give_up(tend(*b));

  EXPECT_EQ(ask("select count(*) from amends.shard where writer_id is null"), "0");
}

// Between tend's two statements it may be declared dead: the second waits for who does that, and sees it.
TEST_F(ShareTest, AClaimThatIsOvertakenByABurialClaimsNothing) {
  StorePtr e = join("e");
  postgres::Watchdog dog(std::chrono::seconds(9));
  postgres::Connection connection(postgres::read_address(url()), dog);
  const std::string id = writer("writer_id", "e"), epoch = writer("epoch", "e");
  session->ask("begin; update amends.writer set epoch = epoch + 1, lease_until = null where engine_id = 'e'");

  auto claim = std::async(std::launch::async, [&] {
    return connection.run("claim", postgres::Params()
                                       .small(static_cast<std::uint16_t>(std::stoi(id)))
                                       .integer(static_cast<std::uint64_t>(std::stoi(epoch))));
  });
  wait_for_lock("with fence");
  session->ask("commit");

  EXPECT_STREQ(claim.get()[0][0].c_str(), "0");
  EXPECT_EQ(ask("select count(*) from amends.shard where writer_id is not null"), "0");
}

// ---- commands and hints

TEST_F(ShareTest, ACommandIsLeftThoughTheConnectionThatLeftTheLastOneIsGone) {
  StorePtr e = join("e");
  tend(*e);
  e->post_command(command(1, 2));
  session->ask(
      "select count(pg_terminate_backend(pid, 5000)) from pg_stat_activity"
      " where datname = current_database() and pid <> pg_backend_pid()");

  e->post_command(command(2, 2));

  EXPECT_EQ(ask("select count(*) from amends.command"), "2");
}

TEST_F(ShareTest, ACommandThatIsRefusedOnceIsTakenOnceThatIsMended) {
  StorePtr e = join("e");
  e->post_command(command(1, 2));
  ask("alter table amends.command rename to moved");
  EXPECT_EQ(class_of([&] { e->post_command(command(2, 2)); }), "io");
  ask("alter table amends.moved rename to command");

  e->post_command(command(2, 2));

  EXPECT_EQ(ask("select count(*) from amends.command"), "2");
}

// Hints come in the order in which they were given, and the first one says that we listen.
TEST_F(ShareTest, EveryHintForOurShardsWakesUsOnceAndThoseForOthersDoNot) {
  StorePtr e = join("e"), other = join("other");
  std::atomic<int> wakes{0};
  const auto heard = [&](int count) {
    for (int tries = 0; wakes < count && tries < 4'000; ++tries)
      std::this_thread::sleep_for(Millis(5));  // what is waited for has no signal
    return wakes.load();
  };
  e->on_wake([&] { ++wakes; });
  ASSERT_EQ(heard(1), 1);
  const ShardId ours = tend(*e).front(), theirs = tend(*other).front();

  other->post_command(command(1, ours));
  ASSERT_EQ(heard(2), 2);
  other->post_command(command(2, theirs));
  other->give_up({});
  ASSERT_EQ(heard(3), 3);
  other->leave();
  EXPECT_EQ(heard(4), 4);
  e.reset();  // its thread calls no more
  EXPECT_EQ(wakes, 4);
}

}  // namespace
}  // namespace amends::engine
