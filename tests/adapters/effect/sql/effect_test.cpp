// What a step does to the participant's database: exactly once, never after its undo, all or nothing.
#include "tests/adapters/effect/sql/sql_fixture.hpp"

namespace amends::sql {
namespace {

class EffectTest : public SqlTest {};
AMENDS_BOTH_DATABASES(EffectTest);

TEST_P(EffectTest, AStepTakesEffectAndItsRowIsTheResult) {
  const Reply reply = ask(hold_json);

  EXPECT_EQ(reply.outcome, Outcome::done) << reply.error;
  EXPECT_EQ(reply.result, R"({"free":8,"sku":"a"})");
  EXPECT_TRUE(reply.answered);
  EXPECT_EQ(look("select free from stock"), "8");
}

TEST_P(EffectTest, ARepeatedCallTakesNoEffectAndHearsTheFirstRow) {
  ask(hold_json);
  look("update stock set free = 5");

  const Reply again = ask(hold_json);

  EXPECT_EQ(again.outcome, Outcome::done);
  EXPECT_EQ(again.result, R"({"free":8,"sku":"a"})");
  EXPECT_EQ(look("select free from stock"), "5");
}

TEST_P(EffectTest, TheSameStepOfAnotherNameTakesEffectToo) {
  ask(hold_json);

  EXPECT_EQ(ask(hold_json, {.name = "hold[2]"}).result, R"({"free":6,"sku":"a"})");
}

TEST_P(EffectTest, AnUndoTakesTheStepBackOnce) {
  ask(hold_json);

  const Reply first = ask(release_json, {.direction = Direction::undo});
  const Reply second = ask(release_json, {.direction = Direction::undo});

  EXPECT_EQ(first.outcome, Outcome::done) << first.error;
  EXPECT_FALSE(first.empty_undo);
  EXPECT_EQ(second.outcome, Outcome::done);
  EXPECT_EQ(second.result, first.result);
  EXPECT_EQ(look("select free from stock"), "10");
}

TEST_P(EffectTest, AnUndoBeforeItsStepIsEmptyAndTheLateStepIsRefused) {
  const Reply undo = ask(release_json, {.direction = Direction::undo});
  const Reply late = ask(hold_json);
  const Reply undo_again = ask(release_json, {.direction = Direction::undo});

  EXPECT_EQ(undo.outcome, Outcome::done);
  EXPECT_TRUE(undo.empty_undo);
  EXPECT_EQ(late.outcome, Outcome::rejected);
  EXPECT_EQ(late.error_class, "fenced");
  EXPECT_TRUE(undo_again.empty_undo);
  EXPECT_EQ(look("select free from stock"), "10");
}

TEST_P(EffectTest, AStepAfterItsUndoIsRefused) {
  ask(hold_json);
  ask(release_json, {.direction = Direction::undo});

  EXPECT_EQ(ask(hold_json).error_class, "fenced");
  EXPECT_EQ(ask(hold_json, {.revision = 2}).error_class, "fenced");
  EXPECT_EQ(look("select free from stock"), "10");
}

TEST_P(EffectTest, ACallAfterItsTimeIsNotExecuted) {
  // Before the adapter's own clock it is in time, so that the database has to say it.
  desk->options.wall = [] { return engine::from_micros(1'000'000); };

  const Reply reply = ask(hold_json, {.not_after = engine::from_micros(2'000'000)});

  EXPECT_EQ(reply.outcome, Outcome::transient);
  EXPECT_EQ(reply.error_class, "expired");
  EXPECT_EQ(look("select free from stock"), "10");
  EXPECT_EQ(look("select count(*) from amends_barrier"), "0");
}

TEST_P(EffectTest, ABrokenConstraintIsARejectionThatIsKept) {
  const std::string greedy =
      R"({"params":["a",11],"sql":"update stock set free = free - $2 where sku = $1"})";

  const Reply first = ask(greedy);
  look("update stock set free = 50");
  const Reply again = ask(greedy);

  EXPECT_EQ(first.outcome, Outcome::rejected);
  EXPECT_EQ(first.error_class, is_postgres() ? "sql_23514" : "sqlite_constraint");
  EXPECT_TRUE(first.answered);
  EXPECT_EQ(again.outcome, Outcome::rejected);
  EXPECT_EQ(again.error_class, first.error_class);
  EXPECT_EQ(again.error, first.error);
  EXPECT_EQ(look("select free from stock"), "50");
}

TEST_P(EffectTest, AHigherRevisionRunsAgainAfterARejectionAndOneUndoCoversBoth) {
  const std::string greedy =
      R"({"params":["a",11],"sql":"update stock set free = free - $2 where sku = $1"})";
  ask(greedy);
  look("update stock set free = 50");

  EXPECT_EQ(ask(greedy, {.revision = 2}).outcome, Outcome::done);
  EXPECT_EQ(look("select free from stock"), "39");
  EXPECT_FALSE(ask(release_json, {.direction = Direction::undo}).empty_undo);
  EXPECT_EQ(look("select free from stock"), "41");
}

TEST_P(EffectTest, AnUndoOfARejectedStepIsEmpty) {
  ask(R"({"expect_rows":1,"params":["zz"],"sql":"update stock set free = 0 where sku = $1"})");

  EXPECT_TRUE(ask(release_json, {.direction = Direction::undo}).empty_undo);
}

TEST_P(EffectTest, OtherRowsThanExpectedAreRejectedAndRolledBack) {
  look("insert into stock (sku, free) values ('b', 10)");

  const Reply reply = ask(R"({"expect_rows":1,"params":[3],"sql":"update stock set free = $1"})");

  EXPECT_EQ(reply.outcome, Outcome::rejected);
  EXPECT_EQ(reply.error_class, "expect_rows");
  EXPECT_EQ(reply.error, "rolled back: the statement touched 2 rows, expected were 1");
  EXPECT_EQ(look("select sum(free) from stock"), "20");
}

TEST_P(EffectTest, AnExpectationCanBeARange) {
  const auto expecting = [](const std::string& rows) {
    return R"({"expect_rows":)" + rows +
           R"(,"params":["a"],"sql":"update stock set free = 1 where sku = $1"})";
  };
  EXPECT_EQ(ask(expecting(R"({"at_least":1})"), {.name = "s1"}).outcome, Outcome::done);
  EXPECT_EQ(ask(expecting(R"({"at_least":2})"), {.name = "s2"}).outcome, Outcome::rejected);
  EXPECT_EQ(ask(expecting(R"({"at_most":0})"), {.name = "s3"}).outcome, Outcome::rejected);
  EXPECT_EQ(ask(expecting(R"({"at_least":1,"at_most":2})"), {.name = "s4"}).outcome, Outcome::done);
}

const char* transaction_json =
    R"({"transaction":[
      {"name":"hold","params":["a",3],"result":"row","sql":"insert into hold (id, sku, quantity) values (7, $1, $2) returning id, quantity"},
      {"from":{"1":["hold","quantity"]},"name":"stock","params":[null,"a"],"expect_rows":1,"sql":"update stock set free = free - $1 where sku = $2"},
      {"name":"left","result":"rows","sql":"select free from stock"}]})";

TEST_P(EffectTest, ATransactionAnswersByStatementAndLaterOnesUseEarlierRows) {
  const Reply reply = ask(transaction_json);

  EXPECT_EQ(reply.outcome, Outcome::done) << reply.error;
  EXPECT_EQ(reply.result,
            R"({"hold":{"id":7,"quantity":3},"left":{"count":1,"rows":[{"free":7}]},"stock":{"count":1}})");
  EXPECT_EQ(look("select count(*) from hold"), "1");
}

TEST_P(EffectTest, ATransactionIsAllOrNothing) {
  look("delete from stock");

  const Reply reply = ask(transaction_json);

  EXPECT_EQ(reply.outcome, Outcome::rejected);
  EXPECT_EQ(reply.error, "rolled back: the statement 'stock' touched 0 rows, expected were 1");
  EXPECT_EQ(look("select count(*) from hold"), "0");
}

TEST_P(EffectTest, WithoutTheBarrierEveryCallTakesEffect) {
  desk->endpoint.barrier = false;
  desk->endpoint.facts.idempotency = engine::Idempotency::none;

  ask(hold_json);

  EXPECT_EQ(ask(hold_json).result, R"({"free":6,"sku":"a"})");
  EXPECT_EQ(look("select count(*) from amends_barrier"), "0");
}

TEST_P(EffectTest, AReadOnlyRequestReadsWithoutABarrierAndCannotWrite) {
  const Reply read = ask(
      R"({"params":["a"],"read_only":true,"result":"row","sql":"select free from stock where sku = $1"})");
  const Reply write = ask(R"({"read_only":true,"sql":"update stock set free = 0"})", {.name = "write"});

  EXPECT_EQ(read.result, R"({"free":10})") << read.error;
  EXPECT_NE(write.outcome, Outcome::done);
  EXPECT_EQ(look("select count(*) from amends_barrier"), "0");
  EXPECT_EQ(look("select free from stock"), "10");
  EXPECT_EQ(ask(hold_json).outcome, Outcome::done);
}

TEST_P(EffectTest, AStatementCanBeNamedInTheConfiguration) {
  desk->endpoint.statements["take"] = "update stock set free = free - $1";

  EXPECT_EQ(ask(R"({"params":[4],"statement":"take"})").result, R"({"count":1})");
  const Reply missing = ask(R"({"statement":"give"})", {.name = "other"});
  EXPECT_EQ(missing.outcome, Outcome::transient);
  EXPECT_EQ(missing.error_class, "unknown_statement");
  EXPECT_EQ(look("select free from stock"), "6");
}

TEST_P(EffectTest, WithoutTheBarriersTableNothingHappensAndTheOperatorIsTold) {
  look("drop table amends_barrier");
  std::mutex mutex;
  std::vector<std::string> notes;
  desk->options.note = [&](const std::string& note) {
    const std::lock_guard lock(mutex);
    notes.push_back(note);
  };

  const Reply reply = ask(hold_json);
  ask(hold_json);

  EXPECT_EQ(reply.outcome, Outcome::transient);
  EXPECT_EQ(reply.error_class, "no_barrier_table");
  EXPECT_EQ(look("select free from stock"), "10");
  const std::lock_guard lock(mutex);
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_NE(notes[0].find("amends_barrier"), std::string::npos) << notes[0];
}

TEST_P(EffectTest, ManyDuplicatesAtOnceTakeEffectOnce) {
  for (int i = 0; i < 40; ++i) desk->submit(attempt_of(hold_json));

  const auto answers = desk->sink.wait(40);

  for (const auto& answer : answers)
    EXPECT_EQ(answer.reply.result, R"({"free":8,"sku":"a"})") << answer.reply.error;
  EXPECT_EQ(look("select free from stock"), "8");
  EXPECT_EQ(desk->adapter().in_flight(), 0u);
}

}  // namespace
}  // namespace amends::sql
