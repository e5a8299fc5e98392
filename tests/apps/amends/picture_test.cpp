// The picture of a saga against drawings that were looked at: pictures/NAME.json is what a daemon answers,
// pictures/NAME.txt what `amends show` makes of it at 12:00. To draw them anew after a wanted change, run
// this with AMENDS_DRAW_ANEW=1 and read the difference.
#include "apps/amends/picture.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "engine/base/rfc3339.hpp"

namespace amends::cli {
namespace {

std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

class Picture : public testing::TestWithParam<const char*> {};

TEST_P(Picture, IsTheOneThatWasLookedAt) {
  const std::string base = std::string(AMENDS_PICTURES) + "/" + GetParam();
  const Json saga = Json::parse(read(base + ".json"));
  const auto now = engine::parse_rfc3339("2026-11-24T12:00:00Z");

  const std::string drawn = saga_picture(saga, {.bar_width = 12, .now = *now});

  if (std::getenv("AMENDS_DRAW_ANEW")) std::ofstream(base + ".txt", std::ios::binary) << drawn;
  EXPECT_EQ(drawn, read(base + ".txt"));
}

INSTANTIATE_TEST_SUITE_P(Sagas, Picture,
                         testing::Values("completed", "running_with_a_wait", "compensated", "parked_forward",
                                         "parked_undo", "parked_unsent", "remembered_cancel", "abandoned",
                                         "definition_missing"),
                         [](const auto& one) { return std::string(one.param); });

TEST(Picture, SaysWhatTheEngineWaitsFor) {
  Json saga = Json::parse(read(std::string(AMENDS_PICTURES) + "/running_with_a_wait.json"));
  const auto now = *engine::parse_rfc3339("2026-11-24T12:00:00Z");
  const auto footer = [&] {
    const std::string drawn = saga_picture(saga, {.now = now});
    return drawn.substr(std::min(drawn.find("\nnext: "), drawn.size()));
  };
  saga.erase("next");
  Json &reserve = saga["steps"][0], &charge = saga["steps"][2];

  charge.erase("wake_at");
  charge["state"] = "running";
  charge["in_flight"] = true;
  charge["log"].back()["sent_at"] = "2026-11-24T11:59:48Z";
  EXPECT_EQ(footer(), "\nnext: charge-card: attempt 2 is in flight, for 12 s\n");

  charge.erase("in_flight");
  charge["state"] = "succeeded";
  EXPECT_EQ(footer(), "\nnext: create-shipment: its request is being prepared\n");

  saga["state"] = "compensating";
  reserve["state"] = "undoing";
  reserve["undo"]["attempts"] = 1;
  reserve["undo"]["wake_at"] = "2026-11-24T12:00:02Z";
  EXPECT_EQ(footer(), "\nnext: release-stock: attempt 2 in 2 s\n");

  reserve["state"] = "backing_off";
  reserve["attempts"] = 5;
  reserve["in_doubt"] = true;
  reserve["undo"]["attempts"] = 0;
  reserve["undo"].erase("wake_at");
  reserve["undo"]["not_before"] = "2026-11-24T12:00:09.5Z";
  EXPECT_EQ(footer(), "\nnext: undo release-stock once attempt 5 is past its Not-After, at 12:00:09\n");

  reserve["state"] = "undoing";
  reserve["undo"]["attempts"] = 1;
  reserve["undo"]["wake_at"] = "2026-11-24T12:00:02Z";
  saga["state"] = "needs_operator";
  EXPECT_EQ(footer(), "") << "nothing goes by itself";
  saga["state"] = "compensating";
  saga["set_aside"] = {{"class", "definition_missing"}, {"shape", "9f2c"}};
  EXPECT_EQ(footer(), "") << "nothing is sent for a saga that is set aside";
  EXPECT_EQ(saga_picture(saga, {.now = now}).find("again in"), std::string::npos);
}

TEST(Picture, WhatIsUnknownIsToldFromWhatHasNotBegun) {
  const Json undone = Json::parse(R"({"state": "compensating", "steps": [
    {"name": "reserve", "state": "undoing", "undo": {"name": "release", "attempts": 1}},
    {"name": "charge", "state": "pending"}]})");
  for (const bool ascii : {false, true}) {
    const std::string drawn = saga_picture(undone, {.ascii = ascii});
    EXPECT_NE(drawn.find("? reserve"), std::string::npos) << drawn;
    EXPECT_NE(drawn.find(ascii ? ". charge" : "\u00b7 charge"), std::string::npos) << drawn;
  }
}

TEST(Picture, NothingOfItSteersTheTerminal) {
  Json saga = Json::parse(read(std::string(AMENDS_PICTURES) + "/parked_forward.json"));
  const std::string hostile = "\x1b[2J\u202e\u200b\n";
  for (const char* member : {"class", "message", "step"}) saga["cause"][member] = hostile;
  for (Json& turn : saga["turns"]) turn["message"] = hostile;
  saga["acts"].push_back({{"verb", "cancel"}, {"actor", hostile}, {"reason", hostile}});
  saga["cancel_remembered"] = true;
  saga["next"].push_back({{"command", "skip"}, {"step", hostile}});

  const std::string drawn = saga_picture(saga, {});

  for (const char* bad : {"\x1b", "\u202e", "\u200b"}) EXPECT_EQ(drawn.find(bad), std::string::npos);
}

}  // namespace
}  // namespace amends::cli
