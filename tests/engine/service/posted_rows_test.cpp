// What a row of the command table asks for: read as strictly as a request over REST, for whoever may insert
// into a database wrote it.
#include <gtest/gtest.h>

#include "engine/base/json.hpp"
#include "engine/service/intake.hpp"
#include "tests/engine/runtime/engine_world.hpp"

namespace amends::engine {
namespace {

struct PostedRowsTest : testing::Test {
  OneCatalog catalog{{order_plan(1), order_plan(2)}};

  CommandRow row(const std::string& kind, const std::string& body) {
    const auto id = [](std::uint64_t n) { return SagaId::make(from_micros(1'800'000'000'000'000), 1, n); };
    return {id(1), kind, id(2), from_micros(1'800'000'000'000'000), body};
  }
  Answer<StartCall> start(const std::string& body) { return read_posted_start(row("start", body), catalog); }
  Answer<CommandCall> command(const std::string& kind, const std::string& body) {
    return read_posted_command(row(kind, body));
  }
};

TEST_F(PostedRowsTest, AStartSaysWhatItsRowSays) {
  const auto call = start(
      R"({"workflow":"order","version":1,"key":"k","input":{"id":1},"tags":{"shop":"graz","region":"eu"}})");

  ASSERT_TRUE(call.ok()) << call.sentence;
  EXPECT_EQ(call.value.plan->version(), 1u);
  EXPECT_EQ(call.value.key, "k");
  EXPECT_EQ(call.value.input, R"({"id":1})");
  EXPECT_EQ(call.value.tags, (std::vector<Tag>{{"region", "eu"}, {"shop", "graz"}}));
}

TEST_F(PostedRowsTest, WhatAStartLeavesOutOrSetsToNullIsNotThere) {
  for (const char* body :
       {R"({"workflow":"order","input":{"id":1}})",
        R"({"workflow":"order","version":null,"key":null,"input":{"id":1},"tags":null})"}) {
    const auto call = start(body);

    ASSERT_TRUE(call.ok()) << call.sentence;
    EXPECT_EQ(call.value.plan->version(), 2u);
    EXPECT_EQ(call.value.key, "");
    EXPECT_TRUE(call.value.tags.empty());
  }
}

TEST_F(PostedRowsTest, AStartThatIsNoneIsInvalid) {
  for (const char* body : {"[", "[]", "1", R"({"workflow":1,"input":{"id":1}})",
                           R"({"workflow":"order","key":7,"input":{"id":1}})",
                           R"({"workflow":"order","version":"1","input":{"id":1}})",
                           R"({"workflow":"order","version":-1,"input":{"id":1}})",
                           R"({"workflow":"order","version":1.5,"input":{"id":1}})",
                           R"({"workflow":"order","version":4294967297,"input":{"id":1}})",
                           R"({"workflow":"order","input":{"id":1},"tags":[]})",
                           R"({"workflow":"order","input":{"id":1},"tags":"a"})",
                           R"({"workflow":"order","input":{"id":1},"tags":{"shop":1}})",
                           R"({"workflow":"order","input":{}})", R"({"workflow":"order"})"})
    EXPECT_EQ(start(body).error, ServiceError::invalid) << body;
}

TEST_F(PostedRowsTest, AStartOfWhatIsNotLoadedIsTold) {
  EXPECT_EQ(start(R"({"workflow":"nobody","input":{"id":1}})").error, ServiceError::unknown_workflow);
  EXPECT_EQ(start(R"({"workflow":"order","version":3,"input":{"id":1}})").error,
            ServiceError::unknown_version);
}

TEST_F(PostedRowsTest, ACommandSaysWhatItsRowSaysAndIsKnownByItsRow) {
  const auto call = command(
      "resolve", R"({"actor":"ann","reason":"seen","step":"charge","happened":true,"result":"{\"id\": 3}"})");

  ASSERT_TRUE(call.ok()) << call.sentence;
  EXPECT_EQ(call.value.saga, row("", "").saga);
  const CommandEvent& said = call.value.command;
  EXPECT_EQ(said.command_id, row("", "").id.text());
  EXPECT_EQ(said.verb, Verb::resolve);
  EXPECT_EQ(said.actor, "ann");
  EXPECT_EQ(said.reason, "seen");
  EXPECT_EQ(said.step, "charge");
  EXPECT_TRUE(said.happened);
  EXPECT_EQ(said.result, R"({"id":3})");
}

TEST_F(PostedRowsTest, ACommandOfNobodyIsSqls) {
  const auto call = command("cancel", R"({"reason":"r"})");

  ASSERT_TRUE(call.ok()) << call.sentence;
  EXPECT_EQ(call.value.command.verb, Verb::cancel);
  EXPECT_EQ(call.value.command.actor, "sql");
  EXPECT_EQ(call.value.command.step, "");
  EXPECT_FALSE(call.value.command.happened);
  EXPECT_FALSE(command("resolve", R"({"step":"charge","happened":false})").value.command.happened);
}

TEST_F(PostedRowsTest, ACommandThatIsNoneIsInvalid) {
  EXPECT_EQ(command("begin", "{}").error, ServiceError::invalid);
  for (const char* body :
       {"[", "[]", R"({"actor":1})", R"({"reason":1})", R"({"step":1})", R"({"result":1})",
        R"({"step":"charge","happened":true,"result":"{"})", R"({"step":"charge","result":"{}"})"})
    EXPECT_EQ(command("resolve", body).error, ServiceError::invalid) << body;
}

}  // namespace
}  // namespace amends::engine
