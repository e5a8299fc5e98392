#include <gtest/gtest.h>

#include "tests/apps/amendsd/config/read.hpp"

namespace amends::daemon {
namespace {

using namespace std::chrono_literals;

struct Range {
  const char* section;
  const char* key;
  std::vector<const char*> good, bad;
};

void hold(const Range& range, const std::string& before) {
  const std::string head = "[" + std::string(range.section) + "]\n" + before + range.key + " = ";
  for (const char* value : range.good) {
    const Read one = read(head + value + "\n");
    EXPECT_TRUE(one.findings.ok()) << range.key << " = " << value << ": " << one.findings.sentences.front();
  }
  for (const char* value : range.bad) {
    const Read one = read(head + value + "\n");
    const std::string name = one.says(range.key) ? range.key : std::string(range.key).substr(0, 5);
    EXPECT_TRUE(one.says(name)) << range.key << " = " << value;
  }
}

TEST(Ranges, EachHoldsAtItsBorders) {
  for (const Range& range : std::vector<Range>{
           {"server", "workers", {"1", "256"}, {"0", "257"}},
           {"server", "connections_max", {"16", "100000"}, {"15", "100001"}},
           {"server", "body_bytes_max", {"1024", "67108864"}, {"1023", "67108865"}},
           {"server",
            "listen",
            {"\"127.0.0.1:0\"", "\":65535\"", "\"7425\""},
            {"\":65536\"", "\"x\"", "\"\""}},
           {"engine", "id", {"\"a\"", "\"a-1_b\""}, {"\"\"", "\"A\"", "\"a b\"", "\"a\\nb\""}},
           {"engine", "author_threads", {"1", "64"}, {"0", "65"}},
           {"engine", "local_threads", {"1", "256"}, {"0", "257"}},
           {"engine",
            "author_limit",
            {"\"10ms\"", "\"1h\"", "\"36500d\""},
            {"\"9ms\"", "\"0s\"", "\"-1s\"", "\"36501d\""}},
           {"engine", "lease", {"\"1s\"", "\"36500d\""}, {"\"999ms\"", "\"36501d\""}},
           {"engine", "drain_limit", {"\"0s\"", "\"36500d\""}, {"\"36501d\"", "\"1000000000d\""}},
           {"engine", "keys_retention", {"\"1s\"", "\"36500d\""}, {"\"999ms\"", "\"36501d\""}},
           {"retention", "finished", {"\"1s\"", "\"36500d\""}, {"\"999ms\"", "\"36501d\""}},
           {"retention", "share", {"0.001", "0.05", "1"}, {"0", "0.0009", "1.1", "-1"}},
           {"store", "path", {"\"x\""}, {"\"\""}},
           {"store", "url", {"\"postgres://a/b\"", "\"postgresql:///b\""}, {"\"mysql://a/b\"", "\"./dir\""}},
           {"http", "threads", {"1", "8"}, {"0", "9"}},
           {"log", "level", {"\"debug\"", "\"info\"", "\"warning\"", "\"error\""}, {"\"loud\"", "\"INFO\""}}})
    hold(range, "");
}

TEST(Ranges, AnEndpointsHoldAtTheirBorders) {
  for (const Range& range : std::vector<Range>{
           {"endpoints.a", "concurrency", {"1", "10000"}, {"0", "10001"}},
           {"endpoints.a", "timeout", {"\"1ms\"", "\"24h\""}, {"\"0ms\"", "\"25h\""}},
           {"endpoints.a", "remembers", {"\"0s\"", "\"36500d\""}, {"\"36501d\"", "\"1000000000d\""}},
           {"endpoints.a", "response_bytes_max", {"1024", "1048576"}, {"1023", "1048577"}},
           {"endpoints.a", "rate", {"0", "0.5", "1e9"}, {"-1", "2e9", "nan"}},
           {"endpoints.a", "refused_means_not_done", {"[]", "[500, 599]"}, {"[499]", "[600]", "[65536]"}},
           {"endpoints.a", "bearer", {"\"env:X\"", "\"file:/x\""}, {"\"s3cret\"", "\"file:x\""}},
           {"endpoints.a", "idempotency", {"\"key\"", "\"none\""}, {"\"maybe\"", "1"}}}) {
    const bool is_idempotency = std::string_view(range.key) == "idempotency";
    hold(range, is_idempotency ? "url = \"http://a\"\n" : "url = \"http://a\"\nidempotency = \"key\"\n");
  }
  EXPECT_TRUE(read("[endpoints.a]\nidempotency = \"key\"\nurl = \"ftp://a\"\n").says("http:// or https://"));
  EXPECT_TRUE(read("[endpoints.\"A b\"]\nidempotency = \"key\"\nurl = \"http://a\"\n").says("a name is"));
}

TEST(Ranges, ASecretInTheFileIsRefusedAndNotRepeated) {
  const Read one = read("[endpoints.a]\nurl = \"http://a\"\nidempotency = \"key\"\nbearer = \"s3cret\"\n");

  EXPECT_TRUE(one.says("never the secret itself"));
  EXPECT_FALSE(one.says("s3cret"));
}

TEST(Listen, BeyondLoopbackOnlyWhenSaid) {
  for (const char* address : {"0.0.0.0:80", "192.168.1.1:80", "example.org:80", "[::]:80"}) {
    const std::string text = std::string("[server]\nlisten = \"") + address + "\"\n";
    EXPECT_TRUE(read(text).says("--allow-unauthenticated")) << address;
    EXPECT_TRUE(read(text + "allow_unauthenticated = true\n").findings.ok()) << address;
  }
  for (const char* address : {"127.0.0.1:80", "127.8.8.8:80", "localhost:80", "[::1]:80"})
    EXPECT_TRUE(read(std::string("[server]\nlisten = \"") + address + "\"\n").findings.ok()) << address;
  EXPECT_FALSE(read("[server]\nlisten = \"127.0.0.1.example.org:80\"\n").findings.ok());
}

TEST(Durations, WholeNumbersWithAUnit) {
  EXPECT_EQ(parse_duration("250ms"), 250ms);
  EXPECT_EQ(parse_duration("10s"), 10s);
  EXPECT_EQ(parse_duration("5m"), 5min);
  EXPECT_EQ(parse_duration("24h"), 24h);
  EXPECT_EQ(parse_duration("30d"), 30 * 24h);
  EXPECT_EQ(parse_duration("0s"), 0s);
  for (const char* bad :
       {"", "s", "10", "1.5s", "-1s", "+1s", " 1s", "1s ", "1 s", "1S", "1e3s", "99999999999s", "1w"})
    EXPECT_FALSE(parse_duration(bad)) << bad;
}

TEST(Advertise, IsAnAddressOfOthersFromEachPlaceAndTheLaterWins) {
  const std::string file = "[server]\nadvertise = \"http://a.example:7425\"\n";
  EXPECT_EQ(read(file).config.server.advertise, "http://a.example:7425");
  EXPECT_EQ(read_variables({"AMENDS_ADVERTISE=https://b"}).config.server.advertise, "https://b");
  EXPECT_EQ(read_flags({"--advertise", "http://c:1"}, {"AMENDS_ADVERTISE=http://b"}).config.server.advertise,
            "http://c:1");
  const std::string long_one = "http://" + std::string(200, 'a');
  for (const char* wrong :
       {"a.example:7425", "http://", "ftp://a", "http://a b", "http://a\x7f", long_one.c_str()}) {
    const auto line = read_flags({"--advertise", wrong});
    ASSERT_EQ(line.findings.sentences.size(), 1u) << wrong;
    EXPECT_EQ(
        line.findings.sentences[0].rfind("--advertise: 'server.advertise' must be http:// or https://", 0),
        0u)
        << line.findings.sentences[0];
  }
}

}  // namespace
}  // namespace amends::daemon
