// What doctor says of engines that share a store.
#include "apps/amends/sharing.hpp"

#include <gtest/gtest.h>

namespace amends::cli {
namespace {

Json healthy() {
  return Json::parse(R"({"shared": true, "fair_share": 2, "free": 0,
    "engines": [{"engine": "a", "alive": true, "state": "alive", "shards": 2, "lease_left_ms": 4250},
                {"engine": "b", "alive": true, "state": "alive", "shards": 2}],
    "shards": [{"shard": 0}, {"shard": 1}, {"shard": 2}, {"shard": 3}],
    "commands": {"waiting": 0, "refused": 0, "latest_refused": [], "unplanned": []}})");
}

// The sentences and details of what was found.
std::string found(const Json& sharing) {
  std::string out;
  for (const Check& one : examine_sharing(sharing)) {
    if (one.good) continue;
    out += one.sentence + "\n";
    for (const std::string& detail : one.details) out += "- " + detail + "\n";
  }
  return out;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(Sharing, OfAHealthyStoreFiveThingsAreSaidAndOfOneThatIsNotSharedNothing) {
  EXPECT_EQ(found(healthy()), "");
  const auto checks = examine_sharing(healthy());
  ASSERT_EQ(checks.size(), 5u);
  EXPECT_EQ(checks[0].sentence, "2 engines are alive: a, b");
  EXPECT_EQ(checks[2].sentence, "all 4 shards have owners, at most 2 to an engine");
  EXPECT_TRUE(
      examine_sharing({{"shared", false}, {"engines", Json::array()}, {"shards", Json::array()}}).empty());
  EXPECT_TRUE(examine_sharing(Json::object()).empty());  // of an older daemon
}

TEST(Sharing, AShardWithoutAnOwnerIsFoundOnceItTakesTooLongOrNobodyCouldTakeIt) {
  Json sharing = healthy();
  sharing["free"] = 1;
  sharing["free_for_ms"] = 2'000;
  EXPECT_EQ(found(sharing), "");
  sharing["free_for_ms"] = 12'000;
  EXPECT_TRUE(contains(found(sharing), "1 shard has no owner, some for 12 s")) << found(sharing);

  sharing["free_for_ms"] = 0;
  for (Json& one : sharing["engines"]) one["alive"] = false, one["state"] = "left";
  EXPECT_TRUE(contains(found(sharing), "1 shard has no owner:")) << found(sharing);
  EXPECT_TRUE(contains(found(sharing), "no engine is alive")) << found(sharing);
  EXPECT_FALSE(contains(found(sharing), "without having left")) << found(sharing);
}

TEST(Sharing, WhoDiedIsNamedWithItsAddressAndWhatItStillOwns) {
  Json sharing = healthy();
  sharing["engines"].push_back({{"engine", "c"},
                                {"state", "dead"},
                                {"alive", false},
                                {"shards", 3},
                                {"address", "http://c:7425"},
                                {"heard_at", "2026-11-24T12:00:00Z"}});
  const std::string told = found(sharing);
  EXPECT_TRUE(contains(told, "1 engine is gone without having left")) << told;
  EXPECT_TRUE(contains(told, "- c, at http://c:7425: heard of ")) << told;
  EXPECT_TRUE(contains(told, "it still owns 3 shards")) << told;
}

TEST(Sharing, CommandsAreFoundWhenTheyWaitForLongOrForNobodysPlan) {
  Json sharing = healthy();
  Json& commands = sharing["commands"];
  commands["waiting"] = 4;
  commands["oldest_waits_ms"] = 1'000;
  EXPECT_EQ(found(sharing), "");
  commands["oldest_waits_ms"] = 60'000;
  EXPECT_TRUE(contains(found(sharing), "4 commands wait for the shard's owner, the oldest for 60 s"));

  commands["oldest_waits_ms"] = 1'000;
  commands["unplanned"] =
      Json::parse(R"([{"workflow": "x", "version": 3, "count": 2}, {"workflow": "y", "count": 1}])");
  const std::string told = found(sharing);
  EXPECT_TRUE(contains(told, "- 2 starts of x version 3: no engine has ever had it")) << told;
  EXPECT_TRUE(contains(told, "- 1 start of y: no engine")) << told;
}

TEST(Sharing, RefusedCommandsAreShownWithTheirReasonAndCannotSteerTheTerminal) {
  Json sharing = healthy();
  sharing["commands"]["refused"] = 7;
  sharing["commands"]["latest_refused"] = Json::array(
      {{{"saga", "s"}, {"command", "start"}, {"detail", "no \x1b[2J"}, {"at", "2026-11-24T12:00:00Z"}}});
  const std::string told = found(sharing);
  EXPECT_TRUE(contains(told, "7 commands were refused as invalid in the last hour")) << told;
  EXPECT_TRUE(contains(told, "- start of s, ")) << told;
  EXPECT_TRUE(contains(told, "no \\x1b[2J")) << told;
}

TEST(Sharing, ALeaseIsShownAsWhatIsLeftOfIt) {
  EXPECT_EQ(lease_text({{"lease_left_ms", 4'250}}), "4.2 s left");
  EXPECT_EQ(lease_text({{"lease_left_ms", -180'000}}), "over for 3 min");
  EXPECT_EQ(lease_text(Json::object()), "");
}

}  // namespace
}  // namespace amends::cli
