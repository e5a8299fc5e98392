// Where the adapter may connect to, and what an endpoint's URL may look like.
#include <arpa/inet.h>
#include <netinet/in.h>

#include <cstring>

#include "adapters/effect/http/address.hpp"
#include "tests/adapters/effect/http/http_fixture.hpp"

namespace amends::http {
namespace {

sockaddr_storage socket_address(const char* text) {
  sockaddr_storage out{};
  sockaddr_in four{};
  sockaddr_in6 six{};
  if (inet_pton(AF_INET, text, &four.sin_addr) == 1) {
    four.sin_family = AF_INET;
    std::memcpy(&out, &four, sizeof four);
  } else {
    EXPECT_EQ(inet_pton(AF_INET6, text, &six.sin6_addr), 1) << text;
    six.sin6_family = AF_INET6;
    std::memcpy(&out, &six, sizeof six);
  }
  return out;
}

bool allowed(const char* text, const std::vector<Cidr>& ranges = {}) {
  const auto address = socket_address(text);
  return may_connect(reinterpret_cast<const sockaddr*>(&address), ranges);
}

TEST(Address, ThePublicInternetIsAllowed) {
  for (const char* address :
       {"1.1.1.1", "8.8.8.8", "172.15.255.255", "172.32.0.0", "192.167.255.255", "100.63.255.255",
        "100.128.0.0", "126.255.255.255", "128.0.0.0", "169.253.255.255", "198.17.255.255", "198.20.0.0",
        "223.255.255.255", "2606:4700::1111", "2a00:1450:4001::1", "::ffff:8.8.8.8"})
    EXPECT_TRUE(allowed(address)) << address;
}

TEST(Address, PrivateAndSpecialAddressesAreNotInAnyForm) {
  for (const char* address : {"0.0.0.0",
                              "0.255.255.255",
                              "10.0.0.0",
                              "10.255.255.255",
                              "100.64.0.1",
                              "127.0.0.1",
                              "127.255.255.254",
                              "169.254.169.254",
                              "172.16.0.1",
                              "172.31.255.255",
                              "192.0.0.8",
                              "192.0.2.1",
                              "192.168.0.1",
                              "198.18.0.1",
                              "198.51.100.1",
                              "203.0.113.7",
                              "224.0.0.1",
                              "240.0.0.1",
                              "255.255.255.255",
                              "::",
                              "::1",
                              "::127.0.0.1",
                              "::ffff:127.0.0.1",
                              "::ffff:10.1.2.3",
                              "::ffff:169.254.169.254",
                              "64:ff9b::7f00:1",
                              "64:ff9b:1::1",
                              "100::1",
                              "2001::1",
                              "2001:db8::1",
                              "2002:7f00:1::",
                              "fc00::1",
                              "fdff::1",
                              "fe80::1",
                              "febf::1",
                              "fec0::1",
                              "ff02::1",
                              "::ffff:0:127.0.0.1",  // SIIT, RFC 2765
                              "4000::1",
                              "e000::1"})
    EXPECT_FALSE(allowed(address)) << address;
}

TEST(Address, AnAllowedRangeOpensItselfAndNothingElse) {
  const std::vector<Cidr> ranges = {*Cidr::parse("10.1.0.0/16"), *Cidr::parse("fd00:1::/32"),
                                    *Cidr::parse("127.0.0.1")};
  for (const char* address : {"10.1.0.0", "10.1.255.255", "::ffff:10.1.2.3", "fd00:1::5", "127.0.0.1"})
    EXPECT_TRUE(allowed(address, ranges)) << address;
  for (const char* address : {"10.0.255.255", "10.2.0.0", "fd00:2::5", "127.0.0.2", "::1", "169.254.169.254"})
    EXPECT_FALSE(allowed(address, ranges)) << address;
  EXPECT_TRUE(allowed("192.168.3.4", {*Cidr::parse("0.0.0.0/0")}));
  EXPECT_FALSE(allowed("fe80::1", {*Cidr::parse("0.0.0.0/0")})) << "all of IPv4 is nothing of IPv6";
}

TEST(Address, RangesAreReadStrictly) {
  for (const char* bad :
       {"", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/", "10.0.0.0/8x", "10.0.0.1/8", "10.0.0/8", "localhost",
        "fd00::1/8", "::/129", "10.0.0.0/8/8", "0x7f.1", "2130706433", " 10.0.0.0/8"})
    EXPECT_FALSE(Cidr::parse(bad).has_value()) << bad;
  EXPECT_FALSE(Cidr::parse(std::string_view("10.0.0.0\0/8", 11)).has_value());
}

// Every spelling of this machine that a URL parser or a resolver may understand: refused when it is read, or
// when it is connected to, and never heard from.
TEST_F(HttpTest, NoSpellingOfThisMachineGetsThrough) {
  serve(reply(200, "1"));
  const auto port = ":" + std::to_string(participant->port());
  std::size_t tried = 0;
  options.connect_timeout = std::chrono::milliseconds(500);  // for names that a resolver keeps asking about
  for (const char* host : {"127.0.0.1",
                           "127.1",
                           "127.0.1",
                           "2130706433",
                           "0x7f000001",
                           "0x7f.1",
                           "0x7f.0.0.1",
                           "0177.0.0.1",
                           "0177.1",
                           "017700000001",
                           "127.0.0.1.",
                           "localhost",
                           "LOCALHOST",
                           "localhost.",
                           "foo.localhost",
                           "0",
                           "0.0.0.0",
                           "[::]",
                           "[::1]",
                           "[::ffff:127.0.0.1]",
                           "[::ffff:7f00:1]",
                           "[0:0:0:0:0:ffff:7f00:0001]",
                           "[::127.0.0.1]",
                           "[64:ff9b::7f00:1]",
                           "user@127.0.0.1",
                           "1.1.1.1@127.0.0.1",
                           "user:pw@127.0.0.1",
                           "127.0.0.1#@1.1.1.1",
                           "127.0.0.1\\@1.1.1.1",
                           "127%2e0%2e0%2e1",
                           "127。0。0。1",
                           "①②⑦.0.0.1",
                           "[fe80::1%25lo]",
                           "127.0.0.1?x",
                           "169.254.169.254",
                           "10.0.0.1"}) {
    auto spelled = endpoint_at(std::string("http://") + host + port);
    spelled.allow_private.clear();
    if (!findings(spelled).empty()) continue;
    ++tried;
    HttpAdapter own(options, {spelled});
    WaitingSink answers;
    own.submit({attempt_of(post_json)}, answers);
    const auto answer = answers.wait(1).at(0).reply;
    EXPECT_EQ(answer.outcome, Outcome::transient) << host;
    EXPECT_TRUE(answer.error_class == "address_refused" || answer.error_class == "dns" ||
                answer.error_class == "connect_timeout" || answer.error_class == "not_sent")
        << host << ": " << answer.error_class << ", " << answer.error;
  }
  EXPECT_GT(tried, 15u);
  EXPECT_EQ(participant->connections(), 0u);
}

TEST_F(HttpTest, ANameIsJudgedByWhatItResolvesTo) {
  serve(reply(200, "1"));
  endpoint.base_url = "http://localhost:" + std::to_string(participant->port());
  endpoint.allow_private = {"127.0.0.0/8"};
  EXPECT_EQ(ask().outcome, Outcome::done);

  endpoint.allow_private = {"10.0.0.0/8"};
  HttpAdapter narrower(options, {endpoint});
  WaitingSink answers;
  narrower.submit({attempt_of(post_json)}, answers);
  const auto refused = answers.wait(1).at(0).reply;
  EXPECT_EQ(refused.error_class, "address_refused");
  EXPECT_EQ(refused.error,
            "allow_private of this endpoint does not hold the private address that it resolves to");
}

TEST(AddressNeverAllowed, IsSeenInTheUrlWithoutAsking) {
  const auto refused = [](const char* url, std::vector<std::string> allow) {
    HttpEndpoint endpoint = endpoint_at(url);
    endpoint.allow_private = std::move(allow);
    return address_never_allowed(endpoint);
  };
  EXPECT_EQ(refused("http://127.0.0.1:8080", {}), "127.0.0.1");
  EXPECT_EQ(refused("http://localhost:8080/api", {}), "localhost");
  EXPECT_EQ(refused("http://[::1]:8080", {"127.0.0.0/8"}), "::1");
  EXPECT_EQ(refused("http://10.1.2.3", {"127.0.0.0/8"}), "10.1.2.3");
  EXPECT_EQ(refused("http://10.1.2.3", {"10.0.0.0/8"}), "");
  EXPECT_EQ(refused("http://localhost", {"::1/128"}), "");
  EXPECT_EQ(refused("http://93.184.216.34", {}), "");
  EXPECT_EQ(refused("http://warehouse.internal", {}), "");
}

TEST_F(HttpTest, AConnectionIsNotLentToAnEndpointThatMayNotOpenIt) {
  serve(reply(200, "1"));
  auto other = endpoint;
  other.name = "elsewhere";
  other.allow_private.clear();
  HttpAdapter both(options, {endpoint, other});
  WaitingSink answers;
  both.submit({attempt_of(post_json)}, answers);
  EXPECT_EQ(answers.wait(1).at(0).reply.outcome, Outcome::done);

  auto attempt = attempt_of(post_json);
  attempt.request = std::make_shared<engine::Request>(engine::Request{"http", "elsewhere", post_json});
  both.submit({attempt}, answers);
  EXPECT_EQ(answers.wait(2).at(1).reply.error_class, "address_refused");
}

TEST(EndpointFindings, EachMistakeIsOneSentence) {
  EXPECT_TRUE(findings(endpoint_at("http://127.0.0.1:80/api/v1")).empty());
  EXPECT_TRUE(findings(endpoint_at("https://inventory.example")).empty());
  EXPECT_TRUE(findings(endpoint_at("http://[::1]:80")).empty());
  for (const char* url : {"",
                          "inventory",
                          "inventory:80",
                          "ftp://a",
                          "file:///etc/passwd",
                          "http://",
                          "http:///x",
                          "http:/a",
                          "http:/a/b",
                          "http:///a",
                          "http://u:p@a",
                          "http://a?x",
                          "http://a#x",
                          "http://a/\r\nX: y",
                          "http://a b",
                          "http://a:99999",
                          "http://a/../b",
                          "http://a\\b",
                          "gopher://a",
                          "http://ä"})
    EXPECT_EQ(findings(endpoint_at(url)).size(), 1u) << url;

  auto all = endpoint_at("http://a");
  all.name = "";
  all.concurrency_max = 0;
  all.timeout_max = engine::Millis{0};
  all.rate_per_second = -1;
  all.response_bytes_max = 0;
  all.allow_private = {"everything"};
  all.refused_means_not_done = {404};
  all.headers = {{"Host", "b"}};
  all.bearer = "s3cret";
  EXPECT_EQ(findings(all).size(), 9u);
  for (const auto& sentence : findings(all)) EXPECT_EQ(sentence.find("s3cret"), std::string::npos);
}

}  // namespace
}  // namespace amends::http
