// A participant answers 200 with a result of another shape than the step's type.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/engine/runtime/engine_world.hpp"

namespace amends::engine {
namespace {

struct UnfitWorld : EngineWorld {
  UnfitWorld(StepIndex step, int replies) {
    catalog.plans_ = {order_plan(1, {.delay_first = Millis(1), .delay_max = Millis(5), .attempts_max = 2})};
    adapter.unfit[step] = replies;
    open();
    saga = start().saga;
    wait(saga);
    engine->stop(Millis(0));
  }
  long sent(StepIndex step, Direction direction = Direction::run) const {
    return std::count_if(adapter.sent.begin(), adapter.sent.end(),
                         [&](const Attempt& a) { return a.step == step && a.direction == direction; });
  }
  SagaId saga;
};

TEST(ReplyUnfit, IsAskedAgainAndUndoneWhenItStaysSoBeforeThePivotIsSent) {
  UnfitWorld w(0, 99);

  EXPECT_EQ(w.state(w.saga), "compensated");
  EXPECT_EQ(w.sent(0), 2);
  EXPECT_EQ(w.sent(0, Direction::undo), 1) << "it may have happened";
  EXPECT_EQ(w.sent(1), 0) << "no card is charged for what nobody can read";
}

TEST(ReplyUnfit, OfThePivotIsAskedAgainUntilItCanBeRead) {
  UnfitWorld w(1, 3);

  EXPECT_EQ(w.state(w.saga), "completed");
  EXPECT_EQ(w.sent(1), 4);
  EXPECT_EQ(w.sent(0, Direction::undo), 0);
}

TEST(ReplyUnfit, IsNotAskedWhereTheStepReturnsNothing) {
  UnfitWorld w(2, 99);

  EXPECT_EQ(w.state(w.saga), "completed");
  EXPECT_EQ(w.sent(2), 1);
}

}  // namespace
}  // namespace amends::engine
