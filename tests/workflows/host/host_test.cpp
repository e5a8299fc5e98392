// What the host does with sound plugins, and with author code that throws later.
#include "workflows/host/host.hpp"

#include <gtest/gtest.h>

#include <filesystem>

namespace amends::engine {
namespace {

std::string prepared_by(const Host& host, const Plan& plan, std::string_view step, Direction direction,
                        const std::string& input, const std::string* own = nullptr) {
  Known known{&input, std::vector<const std::string*>(plan.size()), own};
  const auto prepared = host.prepare(plan, *plan.find_step(step), direction, known);
  EXPECT_FALSE(host.prepare_at_once(plan, *plan.find_step(step), direction, known)) << "a function is called";
  if (const auto* wrong = std::get_if<PrepareError>(&prepared)) return wrong->sentence;
  return std::get<Request>(prepared).body;
}

TEST(Host, FindsTheHighestVersionWhenNoneIsAsked) {
  const Host host({PLUGINS "/test/two_versions.so"});

  EXPECT_EQ(host.find_plan("two-versions")->version(), 10u);
  EXPECT_EQ(host.find_plan("two-versions", 9)->version(), 9u);
  EXPECT_EQ(host.find_plan("two-versions", 8), nullptr);
  EXPECT_EQ(host.find_plan("none"), nullptr);
  ASSERT_EQ(host.plans().size(), 2u);
  EXPECT_EQ(host.plans()[0]->version(), 9u);
}

TEST(Host, KeepsVersionsWithEquallyNamedTypesApart) {
  const Host host({PLUGINS "/test/two_versions.so"});
  const Json with_count = Json::parse(R"({"id":"1","count":2})");

  EXPECT_EQ(host.check_input(*host.find_plan("two-versions", 10), with_count), "");
  EXPECT_EQ(host.check_input(*host.find_plan("two-versions", 9), with_count),
            "in the input of two-versions@9, 'count' is not a field of Order");
}

TEST(Host, TakesTheSamePluginTwice) {
  const std::string path = PLUGINS "/fulfil_order.so";
  const std::string copy = testing::TempDir() + "amends-same-plugin.so";
  std::filesystem::copy_file(path, copy, std::filesystem::copy_options::overwrite_existing);

  const Host host({path, path, copy});

  EXPECT_TRUE(host.refusals().empty());
  EXPECT_EQ(host.plans().size(), 1u);
  std::filesystem::remove(copy);
}

TEST(Host, NamesTheEndpointsThatAreNotConfigured) {
  const Host host({PLUGINS "/fulfil_order.so"});

  const auto found = check_endpoints(*host.find_plan("fulfil-order"), [](auto adapter, auto endpoint) {
    return adapter == "http" && endpoint != "inventory";
  });

  EXPECT_EQ(found,
            (std::vector<std::string>{
                "fulfil-order@1: 'reserve-stock' asks the http endpoint 'inventory', which is not configured",
                "fulfil-order@1: 'release-stock' asks the http endpoint 'inventory', which is not "
                "configured"}));
}

TEST(Host, PassesOverEndpointsOfFunctionsThatThrewAtTheRehearsal) {
  const Host host({PLUGINS "/test/throws_in_steps.so"});
  ASSERT_TRUE(host.refusals().empty());
  const PlanPtr plan = host.find_plan("throws-in-steps");

  EXPECT_EQ(plan->step(*plan->find_step("throws-std")).endpoint, "");
  EXPECT_EQ(plan->step(*plan->find_step("climbs")).endpoint, "somewhere");
  const std::string threw = " threw in the rehearsal, which has sample values: ";
  ASSERT_EQ(host.drafts().size(), 1u);
  const auto& notes = host.drafts()[0].notes;
  EXPECT_EQ(notes.at(0), "throws-in-steps@1: 'throws-std'" + threw + "no route for rehearsal");
  EXPECT_EQ(notes.at(1),
            "throws-in-steps@1: 'undo-std' (undo of 'throws-std')" + threw + "own result unknown");
}

TEST(Host, TurnsWhatStepFunctionsThrowIntoSentences) {
  const Host host({PLUGINS "/test/throws_in_steps.so"});
  const PlanPtr plan = host.find_plan("throws-in-steps");
  const auto said = [&](std::string_view step, Direction direction, const std::string* own = nullptr) {
    const std::string sentence = prepared_by(host, *plan, step, direction, R"({"id":".."})", own);
    const std::string where = "throws-in-steps@1: ";
    EXPECT_EQ(sentence.find(where), 0u) << sentence;
    return sentence.substr(std::min(where.size(), sentence.size()));
  };
  const std::string own = "null";

  EXPECT_EQ(said("throws-std", Direction::run), "'throws-std' cannot be prepared: no route for ..");
  EXPECT_EQ(said("throws-int", Direction::run),
            "'throws-int' cannot be prepared: something was thrown that is not a std::exception");
  EXPECT_EQ(said("throws-std", Direction::undo), "'undo-std' cannot be prepared: own result unknown");
  EXPECT_EQ(said("throws-std", Direction::undo, &own), "'undo-std' cannot be prepared: own result known");
  EXPECT_EQ(said("throws-int", Direction::undo),
            "'undo-int' cannot be prepared: something was thrown that is not a std::exception");
  EXPECT_EQ(said("climbs", Direction::run),
            "'climbs' cannot be prepared: amends::path: an argument is '..', which is no segment");
  EXPECT_EQ(said("url", Direction::run),
            "'url' cannot be prepared: its request asks 'http://..', which is no endpoint's name");
  EXPECT_EQ(said("large", Direction::run), "'large' cannot be prepared: its request is larger than 1 MiB");
  EXPECT_EQ(said("nul", Direction::run).find("'nul' cannot be prepared: its request cannot be journalled: "),
            0u);
  EXPECT_EQ(said("broken-utf8", Direction::run),
            "'broken-utf8' cannot be prepared: its request cannot be journalled: a string is not UTF-8");
}

TEST(Host, SaysThatAPlanOfAnotherShapeIsNotLoaded) {
  const Host host({PLUGINS "/fulfil_order.so"});
  const Host other({PLUGINS "/test/same_version.so"});
  const PlanPtr plan = other.find_plan("fulfil-order");

  EXPECT_EQ(prepared_by(host, *plan, "ask", Direction::run, "{}"), "fulfil-order@1 is not loaded");
  EXPECT_EQ(host.check_input(*plan, Json::object()), "fulfil-order@1 is not loaded");
}

TEST(Host, ChecksAReplyButAllowsFieldsThatTheWorkflowDoesNotRead) {
  const Host host({PLUGINS "/fulfil_order.so"});
  const PlanPtr plan = host.find_plan("fulfil-order");

  EXPECT_EQ(host.check_result(*plan, 0, Json::parse(R"({"warehouse":"w","more":1})")), "");
  EXPECT_EQ(host.check_result(*plan, 0, Json::parse(R"({"warehouse":1})")),
            "in the result of 'reserve-stock', 'warehouse' must be a string, not number");
  EXPECT_EQ(host.check_result(*plan, 0, Json()),
            "in the result of 'reserve-stock', the value must be an object, not null");
}

TEST(Host, KeepsTheDraftOfAPlanWithFindings) {
  const Host host({PLUGINS "/test/findings.so"});

  ASSERT_EQ(host.drafts().size(), 3u);
  EXPECT_EQ(host.drafts()[0].workflow, "with-findings");
  EXPECT_FALSE(host.drafts()[0].findings.empty());
  EXPECT_FALSE(host.drafts()[0].steps.empty());
  EXPECT_TRUE(host.plans().empty());
}

}  // namespace
}  // namespace amends::engine
