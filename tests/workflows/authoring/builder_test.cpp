// From define() to the engine's steps.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <amends/workflow.hpp>

#include "workflows/host/convert.hpp"

namespace amends::engine {
namespace {

using namespace std::chrono_literals;

struct Number {
  std::int64_t value = 0;
  AMENDS_DATA(Number, value)
};

Call<Number> ask(const Number& number) {
  return amends::http::post("adder", "/", {{"value", number.value}});
}
Call<Nothing> sum(const Number& a, Number b, const std::optional<Number>& own) {
  return amends::http::post("adder", "/", {{"a", a.value}, {"b", b.value}, {"own", own ? own->value : -1}});
}

TEST(Builder, FillsInWhatTheKindDecides) {
  Graph graph;
  amends::Plan<Number> plan(graph);
  const auto in = plan.input();
  plan.read("read", ask, in);
  plan.reversible("reversible", ask, in).undo("undo", ask, in);
  plan.pivot("pivot", ask, in);
  plan.retriable("retriable", ask, in);
  const auto steps = convert(graph);

  ASSERT_EQ(steps.size(), 4u);
  EXPECT_EQ(steps[0].retry.attempts_max, 8u);
  EXPECT_EQ(steps[1].retry.attempts_max, 8u);
  EXPECT_EQ(steps[1].undo->retry.attempts_max, 12u);
  EXPECT_EQ(steps[2].retry.attempts_max, 8u);
  EXPECT_EQ(steps[3].retry.attempts_max, attempts_unlimited);
  EXPECT_EQ(steps[3].kind, StepKind::retriable);
  EXPECT_EQ(steps[3].after, std::vector<StepIndex>{2});
  EXPECT_EQ(steps[0].uses, std::vector<StepIndex>{input_value});
  EXPECT_EQ(steps[0].timeout, 5s);
  EXPECT_EQ(steps[0].result_type, "Number{value:int}");
}

TEST(Builder, KeepsTheKindsAttemptsWhenOnlyDelaysAreGiven) {
  Graph graph;
  amends::Plan<Number> plan(graph);
  plan.retriable("a", ask, plan.input()).retry({.delay_first = 5ms}).timeout(3s);
  plan.retriable("b", ask, plan.input()).retry({.attempts_max = 2});
  const auto steps = convert(graph);

  EXPECT_EQ(steps[0].retry, (RetryPolicy{5ms, 60s, attempts_unlimited}));
  EXPECT_EQ(steps[0].timeout, 3s);
  EXPECT_EQ(steps[1].retry.attempts_max, 2u);
}

TEST(Builder, HandsValuesToTheFunctionInTheOrderOfItsArguments) {
  Graph graph;
  amends::Plan<Number> plan(graph);
  const auto one = plan.read("one", ask, plan.input());
  plan.reversible("two", ask, one).undo("undo", sum, plan.input(), one, amends::own_result);
  const std::string input = R"({"value":1})", result = R"({"value":2})", own = R"({"value":3})", odd = "[]";
  const std::vector<const std::string*> results{&result, nullptr};
  const auto undo = [&](const std::string* own_result) {
    return graph.steps[1].undo->build({&input, &results, own_result}).body["body"];
  };

  EXPECT_EQ(undo(&own), (Json{{"a", 1}, {"b", 2}, {"own", 3}}));
  EXPECT_EQ(undo(nullptr)["own"], -1);
  EXPECT_EQ(undo(&odd)["own"], -1) << "a reply that cannot be read is as good as none";
  EXPECT_EQ(graph.steps[1].undo->uses, (std::vector<StepId>{input_id, 0}));
}

TEST(Builder, FindsARefOfAnotherPlan) {
  Graph graph, other;
  amends::Plan<Number> plan(graph), stranger(other);
  plan.retriable("a", ask, stranger.input());

  EXPECT_EQ(findings("w", 1, convert(graph)),
            std::vector<std::string>{"w@1: 'a' uses a value of another plan"});
}

// Any chain of blocks, each a single step or two or three lanes, is sound and drawn in the order of its
// writing.
TEST(Builder, MakesEveryBlockComeAfterAllOfTheBlockBefore) {
  EXPECT_TRUE(rc::check([] {
    Graph graph;
    amends::Plan<Number> plan(graph);
    const auto in = plan.input();
    int made = 0;
    std::vector<StepIndex> before;
    std::vector<std::vector<StepIndex>> expected;
    const auto lane = [&](Lane& one) {
      const int length = *rc::gen::inRange(1, 4);
      for (int i = 0;; ++i) {
        const auto index = static_cast<StepIndex>(made);
        expected.push_back(i == 0 ? before : std::vector<StepIndex>{index - 1});
        const auto step = one.read("s" + std::to_string(made++), ask, in);
        if (i + 1 == length) return step;
      }
    };
    for (int blocks = *rc::gen::inRange(1, 6); blocks > 0; --blocks) {
      switch (*rc::gen::inRange(1, 4)) {
        case 1: before = {lane(plan).id()}; break;
        case 2: {
          const auto [a, b] = plan.parallel(lane, lane);
          before = {a.id(), b.id()};
          break;
        }
        default: {
          const auto [a, b, c] = plan.parallel(lane, lane, lane);
          before = {a.id(), b.id(), c.id()};
        }
      }
    }
    const auto steps = convert(graph);

    RC_ASSERT(findings("w", 1, steps).empty());
    RC_ASSERT(steps.size() == expected.size());
    for (std::size_t i = 0; i < steps.size(); ++i) RC_ASSERT(steps[i].after == expected[i]);
  }));
}

}  // namespace
}  // namespace amends::engine
