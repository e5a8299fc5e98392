// What the door refuses.
#include "engine/service/requests.hpp"

#include <gtest/gtest.h>

#include "tests/engine/runtime/engine_world.hpp"

namespace amends::engine {
namespace {

struct Requests : testing::Test {
  OneCatalog catalog{{order_plan(1), order_plan(2)}};
  StartRequest request{"order", std::nullopt, "k", {{"id", 1}}, {}};

  ServiceError error() const { return check_start(request, catalog).error; }
  std::string sentence() const { return check_start(request, catalog).sentence; }
};

TEST_F(Requests, TheNewestVersionIsTakenWhenNoneIsNamed) {
  EXPECT_EQ(check_start(request, catalog).value.plan->version(), 2u);
  request.version = 1;
  EXPECT_EQ(check_start(request, catalog).value.plan->version(), 1u);
}

TEST_F(Requests, AnUnknownWorkflowAndAnUnknownVersionAreToldApart) {
  request.version = 9;
  EXPECT_EQ(error(), ServiceError::unknown_version);
  request.workflow = "ord\x1b[31mer";
  EXPECT_EQ(error(), ServiceError::unknown_workflow);
  EXPECT_EQ(sentence().find('\x1b'), std::string::npos);
}

TEST_F(Requests, AKeyIsShortPlainText) {
  for (const std::string& bad : {std::string(201, 'k'), std::string("a\nb"), std::string("a\0b", 3),
                                 std::string("\xff"), std::string("a\x7f")}) {
    request.key = bad;
    EXPECT_EQ(error(), ServiceError::invalid);
  }
  request.key = std::string(200, 'k');
  EXPECT_EQ(error(), ServiceError::none);
}

TEST_F(Requests, TagsAreFewNamedOnceAndPlain) {
  request.tags = {{"a", "1"}, {"a", "2"}};
  EXPECT_EQ(error(), ServiceError::invalid);
  request.tags = {{"A", "1"}};
  EXPECT_EQ(error(), ServiceError::invalid);
  request.tags = {{"", "1"}};
  EXPECT_EQ(error(), ServiceError::invalid);
  request.tags = {{"a", std::string(257, 'v')}};
  EXPECT_EQ(error(), ServiceError::invalid);
  request.tags = {{"a", "\xc0"}};
  EXPECT_EQ(error(), ServiceError::invalid);
  request.tags.clear();
  for (int i = 0; i < 33; ++i) request.tags.push_back({"t" + std::to_string(i), ""});
  EXPECT_EQ(error(), ServiceError::invalid);
  request.tags.pop_back();
  EXPECT_EQ(error(), ServiceError::none);
}

TEST_F(Requests, AnInputIsCleanSmallAndOfThePlansType) {
  request.input = {{"name", 1}};
  EXPECT_EQ(sentence(), "in the input, 'id' is missing");
  request.input = {{"id", "\xff"}};
  EXPECT_EQ(error(), ServiceError::invalid);
  request.input = {{"id", std::string("a\0b", 3)}};
  EXPECT_EQ(error(), ServiceError::invalid);
  request.input = {{"id", std::string(1 << 20, 'x')}};
  EXPECT_EQ(error(), ServiceError::invalid);
}

TEST_F(Requests, TheHashCoversVersionInputAndTagsWhateverTheTagsOrder) {
  const std::string hash = body_hash({}, "{}", {{"a", "1"}, {"b", "2"}});
  EXPECT_EQ(hash, body_hash({}, "{}", {{"b", "2"}, {"a", "1"}}));
  EXPECT_NE(hash, body_hash(1, "{}", {{"a", "1"}, {"b", "2"}}));
  EXPECT_NE(hash, body_hash({}, "[]", {{"a", "1"}, {"b", "2"}}));
  EXPECT_NE(hash, body_hash({}, "{}", {{"a", "12"}, {"b", ""}}));
  EXPECT_EQ(hash.size(), 64u);
}

TEST_F(Requests, ACommandsTextsAreBounded) {
  CommandRequest command;
  command.reason = std::string(1025, 'r');
  EXPECT_EQ(check_command(command).error, ServiceError::invalid);
  command.reason = "because";
  command.actor = "a\tb";
  EXPECT_EQ(check_command(command).error, ServiceError::invalid);
  command.actor = "ann";
  command.result = Json(1);
  EXPECT_EQ(check_command(command).error, ServiceError::invalid);
  command.verb = Verb::resolve;
  command.happened = true;
  const auto call = check_command(command);
  EXPECT_EQ(call.error, ServiceError::none);
  EXPECT_EQ(call.value.command.result, "1");
}

}  // namespace
}  // namespace amends::engine
