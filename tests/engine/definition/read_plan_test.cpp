// A plan that comes back from the store.
#include "engine/definition/read_plan.hpp"

#include <gtest/gtest.h>

namespace amends::engine {
namespace {

PlanPtr made() {
  Step reserve;
  reserve.name = "reserve";
  reserve.kind = StepKind::reversible;
  reserve.result_type = "Reservation{id}";
  reserve.undo = UndoStep{};
  reserve.undo->name = "release";
  Step check;
  check.name = "check";
  check.kind = StepKind::read;
  Step charge;
  charge.name = "charge";
  charge.kind = StepKind::pivot;
  charge.after = {0, 1};
  return std::make_shared<const Plan>("order", 3, "Order{id}", std::vector<Step>{reserve, check, charge});
}

TEST(ReadPlan, KeepsWhatLookingAheadNeeds) {
  const PlanPtr back = read_plan(Json::parse(made()->graph_json()));

  ASSERT_TRUE(back);
  EXPECT_EQ(back->id(), "order@3");
  ASSERT_EQ(back->size(), 3u);
  EXPECT_EQ(back->step(0).undo->name, "release");
  EXPECT_EQ(back->step(2).after, (std::vector<StepIndex>{0, 1}));
  EXPECT_EQ(back->step(2).kind, StepKind::pivot);
  EXPECT_FALSE(back->step(1).undo);
}

TEST(ReadPlan, KeepsWhatTheShapeCoversAndThePaceOfItsSteps) {
  std::vector<Step> steps = made()->steps();
  steps[0].uses = {input_value};
  steps[0].undo->uses = {input_value};
  steps[0].undo->retry = {Millis(5), Millis(50), attempts_unlimited};
  steps[0].timeout = Millis(1234);
  steps[2].uses = {0, input_value};
  steps[2].retry.attempts_max = 3;
  const Plan plan("order", 3, "Order{id}", steps);

  const PlanPtr back = read_plan(Json::parse(plan.graph_json()));

  ASSERT_TRUE(back);
  EXPECT_EQ(back->shape(), plan.shape());
  EXPECT_EQ(back->graph_json(), plan.graph_json());
}

TEST(ReadPlan, TakesNothingThatIsNoPlan) {
  const Json good = Json::parse(made()->graph_json());
  std::vector<Json> bad(8, good);
  bad[0] = nullptr;
  bad[1]["steps"] = Json::array();
  bad[2]["steps"][1]["kind"] = "of a later release";
  bad[3]["steps"][0]["after"] = {"charge"};  // made later
  bad[4]["steps"][2]["after"] = {"input"};
  bad[5]["steps"][0].erase("name");
  bad[6]["steps"] = 7;
  bad[7]["steps"][0]["uses"] = {"charge"};  // made later

  for (const Json& graph : bad) EXPECT_FALSE(read_plan(graph)) << graph;
}

}  // namespace
}  // namespace amends::engine
