// The promise, under connections that break anywhere: asked until it is answered, a step has taken effect
// once, and a step that was undone has not, in whatever order the duplicates came.
#include <rapidcheck.h>

#include "tests/adapters/effect/sql/sql_fixture.hpp"
#include "tests/support/fault_proxy.hpp"

namespace amends::sql {
namespace {

using testing_support::FaultAction;
using testing_support::FaultPoint;
using testing_support::FaultProxy;

bool is_settled(const Reply& reply) {
  return reply.outcome == Outcome::done || reply.outcome == Outcome::rejected;
}

// Moves one of the article and says so in a row of its own, so that each effect can be counted.
std::string move_one(const std::string& name, int quantity) {
  const engine::Json stock{{"name", "stock"},
                           {"params", {quantity}},
                           {"expect_rows", 1},
                           {"sql", "update stock set free = free - $1 where sku = 'a'"}};
  const engine::Json row{{"name", "row"},
                         {"params", {name, quantity}},
                         {"sql", "insert into hold (sku, quantity) values ($1, $2)"}};
  return engine::Json{{"transaction", {stock, row}}}.dump();
}
std::string take(const std::string& name) {
  return move_one(name, 1);
}
std::string give_back(const std::string& name) {
  return move_one(name, -1);
}

class ChaosTest : public SqlTest {
 protected:
  void SetUp() override {
    SqlTest::SetUp();
    look("drop table hold");
    look("create table hold (sku text not null, quantity integer not null)");
    look("update stock set free = 1000");
  }
  std::string name_of_step(int number) { return "step-" + std::to_string(number); }
  int taken(const std::string& name) {
    return std::stoi("0" + look("select count(*) from hold where quantity = 1 and sku = '" + name + "'"));
  }
  int given_back(const std::string& name) {
    return std::stoi("0" + look("select count(*) from hold where quantity = -1 and sku = '" + name + "'"));
  }
};
AMENDS_BOTH_DATABASES(ChaosTest);

TEST_P(ChaosTest, DuplicatesAndUndosInAnyOrderAndAtOnce) {
  desk->endpoint.concurrency_max = 8;
  constexpr int steps = 20, calls = 200;
  std::vector<std::pair<std::string, Direction>> submitted;
  unsigned dice = 12345;
  for (int i = 0; i < calls; ++i) {
    dice = dice * 1664525 + 1013904223;
    const std::string name = name_of_step(static_cast<int>(dice >> 8) % steps);
    const bool undo = (dice >> 20) % 3 == 0;
    submitted.emplace_back(name, undo ? Direction::undo : Direction::run);
    auto attempt = attempt_of(undo ? give_back(name) : take(name),
                              {.name = name, .direction = undo ? Direction::undo : Direction::run});
    attempt.number = static_cast<std::uint32_t>(i);
    desk->submit(std::move(attempt));
  }
  const auto answers = desk->sink.wait(calls);

  std::map<std::string, bool> is_undone, is_empty, was_done;
  for (const auto& answer : answers) {
    const auto& [name, direction] = submitted.at(answer.number);
    ASSERT_TRUE(is_settled(answer.reply)) << answer.reply.error;
    if (direction == Direction::undo) is_undone[name] = true;
    if (answer.reply.empty_undo) is_empty[name] = true;
    if (direction == Direction::run && answer.reply.outcome == Outcome::done) was_done[name] = true;
  }
  for (int i = 0; i < steps; ++i) {
    const std::string name = name_of_step(i);
    EXPECT_LE(taken(name), 1) << name;
    EXPECT_EQ(taken(name), was_done[name] ? 1 : 0) << name;
    EXPECT_EQ(given_back(name), was_done[name] && is_undone[name] ? 1 : 0) << name;
    EXPECT_FALSE(is_empty[name] && was_done[name]) << name;
  }
}

// Connections are cut after any number of bytes, in either way.
class CutTest : public ChaosTest {
 protected:
  static void arm_somewhere(FaultProxy& proxy) {
    FaultPoint point;
    point.way = *rc::gen::arbitrary<bool>() ? FaultPoint::Way::to_server : FaultPoint::Way::to_client;
    // About what a connect and a step send; whatever the size, or small ones would never get through.
    point.bytes_after = *rc::gen::resize(rc::kNominalSize, rc::gen::inRange<std::size_t>(1, 4000));
    proxy.arm(point, *rc::gen::arbitrary<bool>() ? FaultAction::cut : FaultAction::swallow_answer);
  }
};
INSTANTIATE_TEST_SUITE_P(, CutTest, testing::Values(Dialect::postgres), dialect_name);

TEST_P(CutTest, AStepAskedUntilItIsAnsweredHasTakenEffectOnce) {
  FaultProxy proxy(postgres_server().socket());
  desk = std::make_unique<Desk>(proxy.url(postgres->name()));
  desk->endpoint.concurrency_max = 1;
  int doubts = 0, number = 0;

  rc::check([&] {
    const std::string name = name_of_step(++number);
    const bool undo_too = *rc::gen::arbitrary<bool>();
    std::vector<Direction> legs = {Direction::run};
    if (undo_too) legs.push_back(Direction::undo);
    for (const Direction direction : legs) {
      const Step step{.name = name, .direction = direction};
      Reply reply;
      for (int asked = 0; !is_settled(reply); ++asked) {
        if (asked < 8) arm_somewhere(proxy);  // and then the network is well again
        reply = desk->ask(direction == Direction::run ? take(name) : give_back(name), step);
        doubts += reply.outcome == Outcome::unknown;
        RC_ASSERT(asked < 50);
      }
      RC_ASSERT(reply.outcome == Outcome::done);
    }
    RC_ASSERT(taken(name) == 1);
    RC_ASSERT(given_back(name) == (undo_too ? 1 : 0));
  });
  EXPECT_GT(doubts, 0) << "no commit was ever in doubt, so this shows nothing";
}

}  // namespace
}  // namespace amends::sql
