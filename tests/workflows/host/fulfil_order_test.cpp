// The plugin that ships, seen through the host.
#include <gtest/gtest.h>

#include "workflows/host/host.hpp"

namespace amends::engine {
namespace {

const std::string order = R"({"order_id":"o/1","customer_id":"c7","sku":"SKU 9","email":"a@b.example",)"
                          R"("quantity":2,"total_cents":1999,"address":{"name":"A","street":"S 1",)"
                          R"("postcode":"1","city":"X","country":"DE"}})";

class FulfilOrder : public testing::Test {
 protected:
  std::string asked(std::string_view step, Direction direction,
                    std::vector<const std::string*> results = {}) {
    results.resize(plan->size());
    const auto prepared = host.prepare(*plan, *plan->find_step(step), direction, {&order, results, nullptr});
    if (const auto* wrong = std::get_if<PrepareError>(&prepared)) return wrong->sentence;
    const auto& request = std::get<Request>(prepared);
    return request.adapter + " " + request.endpoint + " " + request.body;
  }

  Host host{{PLUGINS "/fulfil_order.so"}};
  PlanPtr plan = host.find_plan("fulfil-order");
};

TEST_F(FulfilOrder, IsLoadedWithItsFiveStepsAndEndpoints) {
  ASSERT_TRUE(host.refusals().empty());
  ASSERT_TRUE(plan);

  std::vector<std::string> seen;
  for (const Step& step : plan->steps()) seen.push_back(step.name + " " + step.endpoint);
  EXPECT_EQ(seen,
            (std::vector<std::string>{"reserve-stock inventory", "risk-check risk", "charge-card payments",
                                      "create-shipment shipping", "notify-customer mail"}));
  EXPECT_EQ(plan->step(0).undo->endpoint, "inventory");
  EXPECT_EQ(plan->step(2).after, (std::vector<StepIndex>{0, 1}));
  EXPECT_EQ(plan->point_of_no_return(), StepIndex{2});
}

TEST_F(FulfilOrder, AsksTheParticipantsInCanonicalJson) {
  const std::string reservation = R"({"warehouse":"east","extra":1})";

  EXPECT_EQ(
      asked("reserve-stock", Direction::run),
      R"(http inventory {"body":{"order":"o/1","quantity":2,"sku":"SKU 9"},"method":"POST","path":"/reservations"})");
  EXPECT_EQ(asked("reserve-stock", Direction::undo),
            R"(http inventory {"method":"DELETE","path":"/reservations/o%2F1"})");
  EXPECT_NE(asked("create-shipment", Direction::run, {&reservation}).find(R"("from":"east")"),
            std::string::npos);
}

TEST_F(FulfilOrder, NamesStepAndFieldWhenAReplyLacksOne) {
  const std::string reply = R"({"depot":"east"})";

  EXPECT_EQ(asked("create-shipment", Direction::run, {&reply}),
            "fulfil-order@1: 'create-shipment' cannot be prepared: in the result of 'reserve-stock', "
            "'warehouse' is "
            "missing");
}

TEST_F(FulfilOrder, SaysAllThatIsWrongWithAnInput) {
  Json input = Json::parse(order);
  EXPECT_EQ(host.check_input(*plan, input), "");

  input.erase("email");
  input["quantity"] = 1.5;
  input["address"]["planet"] = "Mars";
  EXPECT_EQ(
      host.check_input(*plan, input),
      "in the input of fulfil-order@1, 'email' is missing, 'quantity' must be a whole number, not number, "
      "'address.planet' is not a field of Address");
}

}  // namespace
}  // namespace amends::engine
