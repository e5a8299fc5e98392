// Steps whose request needs no function of the author's.
#include <gtest/gtest.h>

#include "tests/engine/runtime/engine_world.hpp"

namespace amends::engine {
namespace {

struct AtOnceWorld : EngineWorld {
  explicit AtOnceWorld(std::set<StepIndex> at_once) {
    preparer.at_once = std::move(at_once);
    open();
    const SagaId saga = start().saga;
    wait(saga);
    end = state(saga);
    engine->stop(Millis(0));
  }
  std::string end;
};

TEST(PrepareAtOnce, GoesOnWithoutTheAuthorsThreads) {
  const AtOnceWorld w({0, 1, 2});

  EXPECT_EQ(w.end, "completed");
  EXPECT_EQ(w.preparer.asked, 0);
  EXPECT_EQ(w.preparer.known_at_once, (std::vector<std::string>{R"({"id":1})", R"({"id":1})", ""}));
}

TEST(PrepareAtOnce, TakesTurnsWithThem) {
  const AtOnceWorld w({1});

  EXPECT_EQ(w.end, "completed");
  EXPECT_EQ(w.preparer.asked, 2);
  EXPECT_EQ(w.preparer.known_at_once.size(), 1u);
}

TEST(PrepareAtOnce, SendsEachStepOnce) {
  const AtOnceWorld w({0, 2});

  ASSERT_EQ(w.adapter.sent.size(), 3u);
  for (StepIndex i = 0; i < 3; ++i) EXPECT_EQ(w.adapter.sent[i].step, i);
}

}  // namespace
}  // namespace amends::engine
