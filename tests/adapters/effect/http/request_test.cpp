// What leaves the adapter, byte for byte.
#include <algorithm>

#include "adapters/effect/http/header_block.hpp"
#include "adapters/effect/http/request_data.hpp"
#include "tests/adapters/effect/http/http_fixture.hpp"

namespace amends::http {
namespace {

TEST_F(HttpTest, SendsTheStoredBytesUnderTheKeyWithEveryHeaderOfTheContract) {
  serve(reply(201, R"({ "id": 7, "at": "x" })"));
  endpoint.base_url += "/api/";
  endpoint.headers = {{"X-Tenant", "north"}};
  auto attempt = attempt_of(
      R"({"body":{"sku":"ä\"b\\"},"headers":{"X-Trace":"t 1"},"method":"POST","path":"/r?x=%20y"})");
  attempt.number = 4;
  attempt.not_after =
      std::chrono::floor<engine::Micros>(std::chrono::system_clock::now()) + std::chrono::hours(1);

  const auto answer = ask(attempt);

  EXPECT_EQ(answer.outcome, Outcome::done) << answer.error;
  EXPECT_EQ(answer.result, R"({"at":"x","id":7})");
  const auto seen = participant->requests().at(0);
  EXPECT_EQ(seen.method, "POST");
  EXPECT_EQ(seen.target, "/api/r?x=%20y");
  EXPECT_EQ(seen.body, R"({"sku":"ä\"b\\"})");
  EXPECT_EQ(seen.header("Idempotency-Key"), attempt.key);
  EXPECT_EQ(seen.header("Amends-Saga"), attempt.saga.text());
  EXPECT_EQ(seen.header("Amends-Step"), "reserve-stock");
  EXPECT_EQ(seen.header("Amends-Direction"), "run");
  EXPECT_EQ(seen.header("Amends-Attempt"), "4");
  EXPECT_EQ(seen.header("Amends-Epoch"), "3");
  EXPECT_EQ(seen.header("Amends-Not-After"), std::to_string(engine::to_micros(attempt.not_after) / 1000));
  EXPECT_EQ(seen.header("traceparent"), traceparent(attempt));
  EXPECT_EQ(seen.header("Content-Type"), "application/json");
  EXPECT_EQ(seen.header("X-Tenant"), "north");
  EXPECT_EQ(seen.header("X-Trace"), "t 1");
  EXPECT_EQ(seen.header("Expect"), "");
  EXPECT_EQ(seen.header("Accept-Encoding"), "");
}

TEST_F(HttpTest, EachMethodGoesOutAsItselfOnOneHandle) {
  serve(reply(200, "1"));
  for (const std::string method : {"POST", "GET", "PUT", "DELETE", "PATCH", "GET", "POST"}) {
    EXPECT_EQ(ask(R"({"method":")" + method + R"(","path":"/x"})").outcome, Outcome::done) << method;
    const auto seen = participant->requests().back();
    EXPECT_EQ(seen.method, method);
    EXPECT_EQ(seen.body, "");
    EXPECT_EQ(seen.header("Content-Type"), "");
  }
  ask(R"({"body":[1],"method":"DELETE","path":"/x"})");
  EXPECT_EQ(participant->requests().back().method, "DELETE");
  EXPECT_EQ(participant->requests().back().body, "[1]");
}

TEST(RequestData, RefusesWhatIsNotARequest) {
  for (const char* bad : {"",
                          "{",
                          "[]",
                          "null",
                          "{}",
                          R"({"method":"POST"})",
                          R"({"path":"/x"})",
                          R"({"method":"POST","path":"/x"} )",
                          R"({"method":"POST","path":"/x"}})",
                          R"({"method":"POST","path":"/x",})",
                          R"({,"method":"POST","path":"/x"})",
                          R"({"method":"TRACE","path":"/x"})",
                          R"({"method":"post","path":"/x"})",
                          R"({"method":7,"path":"/x"})",
                          R"({"method":"POST","path":"/x","url":"http://a"})",
                          R"({"body":1,"method":"GET","path":"/x"})",
                          R"({"method":"POST","method":"POST","path":"/x"})",
                          R"({"path":"/x","method":"POST"})",
                          R"({"body":{"a":1,"method":"POST","path":"/x"})",
                          R"({"body":,"method":"POST","path":"/x"})",
                          R"({"headers":[],"method":"POST","path":"/x"})",
                          R"({"headers":{"X":1},"method":"POST","path":"/x"})",
                          R"({"headers":{"Host":"a"},"method":"POST","path":"/x"})",
                          R"({"headers":{"X":"a\r\nY: b"},"method":"POST","path":"/x"})",
                          R"({"body":]]]],"method":"POST","path":"/x"})"})
    EXPECT_FALSE(parse_request(bad).ok()) << bad;
}

TEST(RequestData, CutsTheBodyOutAsItStands) {
  const auto request = parse_request(R"({"body":{"a":"}\"],","b":[{},"\\"]},"method":"PUT","path":"/x"})");
  ASSERT_TRUE(request.ok()) << request.error;
  EXPECT_EQ(request.body, R"({"a":"}\"],","b":[{},"\\"]})");
  EXPECT_EQ(request.method, "PUT");
}

TEST(RequestData, PathsStayInsideTheEndpoint) {
  for (const char* good :
       {"/", "/a/b", "/a%20b", "/a/.../b", "/a/.b", "/a..b", "/a?b=/../c", "/a:b@c;d=e,f!$&'()*+~"})
    EXPECT_TRUE(is_path(good)) << good;
  for (const char* bad : {"",
                          "a",
                          "//evil.example/",
                          "/a b",
                          "/a\tb",
                          "/a\r\nX: y",
                          "/a#b",
                          "/a\\b",
                          "/..",
                          "/a/../b",
                          "/a/..",
                          "/%2e%2e/a",
                          "/.%2E/a",
                          "/a/..?x",
                          "/%2e%2e%2fa",
                          "/a%5c..%5cb",
                          "/a%",
                          "/a%2",
                          "/a%zz",
                          "/a%00b",
                          "/ä",
                          "/a\"b",
                          "/a<b",
                          "/{a}"})
    EXPECT_FALSE(is_path(bad)) << bad;
}

TEST(RequestData, StepsDoNotSetTheEnginesHeaders) {
  for (const char* bad :
       {"Host", "host", "CONTENT-LENGTH", "Transfer-Encoding", "Idempotency-Key", "Amends-Saga",
        "amends-anything", "Authorization", "Cookie", "Expect", "traceparent", "", "a b", "a:b", "ä"})
    EXPECT_FALSE(may_set_header(bad)) << bad;
  EXPECT_TRUE(may_set_header("X-Tenant"));
  for (const std::string& bad : {std::string("a\r\nb"), std::string("a\nb"), std::string("a\0b", 3),
                                 std::string("\x7f"), std::string("\xe5\x98\x8a"), std::string(5000, 'a')})
    EXPECT_FALSE(is_header_value(bad));
}

TEST_F(HttpTest, ABadRequestIsRejectedAndNotSent) {
  serve(reply(200, "1"));
  const auto answer = ask(R"({"method":"POST","path":"/../admin"})");
  EXPECT_EQ(answer.outcome, Outcome::rejected);
  EXPECT_EQ(answer.error_class, "bad_request_data");
  EXPECT_FALSE(answer.answered) << "the participant never heard of it";
  EXPECT_EQ(participant->connections(), 0u);
}

TEST_F(HttpTest, AnUnknownEndpointIsSurelyNotSentAndNoWordOfTheParticipant) {
  serve(reply(200, "1"));
  auto attempt = attempt_of(post_json);
  attempt.request = std::make_shared<engine::Request>(engine::Request{"http", "elsewhere", post_json});
  const auto answer = ask(attempt);
  EXPECT_EQ(answer.outcome, Outcome::transient);
  EXPECT_EQ(answer.error_class, "unknown_endpoint");
  EXPECT_FALSE(answer.answered);
  EXPECT_EQ(adapter().find_endpoint("elsewhere"), nullptr);
  ASSERT_NE(adapter().find_endpoint("there"), nullptr);
  EXPECT_EQ(adapter().find_endpoint("there")->idempotency, engine::Idempotency::barrier);
}

TEST(Traceparent, NamesTheSagaAndIsTheSameForTheSameAttempt) {
  const auto first = attempt_of(post_json, 1), again = attempt_of(post_json, 1),
             second = attempt_of(post_json, 2);
  EXPECT_EQ(traceparent(first), traceparent(again));
  EXPECT_NE(traceparent(first), traceparent(second));
  std::string trace = first.saga.text();
  std::erase(trace, '-');
  EXPECT_EQ(traceparent(first).substr(0, 36), "00-" + trace + "-");
}

}  // namespace
}  // namespace amends::http
