// What a participant may do to a connection, and what the engine is told.
#include <atomic>

#include "adapters/clock/system_clock.hpp"
#include "tests/adapters/effect/http/http_fixture.hpp"

namespace amends::http {
namespace {

using std::chrono::milliseconds;

engine::Attempt short_attempt(const std::string& body = post_json) {
  auto out = attempt_of(body);
  out.timeout = milliseconds(150);
  return out;
}

Script raw(const std::string& bytes) {
  Script out;
  out.bytes = bytes;
  out.close = true;
  return out;
}

#define EXPECT_ANSWER(answer, outcome_, class_)             \
  do {                                                      \
    const auto& got = (answer);                             \
    EXPECT_EQ(got.outcome, Outcome::outcome_) << got.error; \
    EXPECT_EQ(got.error_class, class_) << got.error;        \
  } while (false)

TEST_F(HttpTest, NobodyListeningIsTransient) {
  serve(reply(200, "1"));
  participant.reset();
  EXPECT_ANSWER(ask(), transient, "refused");
}

TEST_F(HttpTest, AReplyThatBeginsWithAFoldedHeaderDoesNotTouchTheOneBefore) {
  std::atomic<int> asked = 0;
  serve([&asked](const SeenRequest&) {
    const std::string filling(2'000, 'x');
    if (asked++ % 2 == 0) return reply(200, "1", "X-Last: " + filling + "\r\n");
    return raw("HTTP/1.1 200 OK\r\n folded: " + filling + "\r\nContent-Length: 1\r\n\r\n1");
  });

  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(ask().outcome, Outcome::done);
    EXPECT_EQ(ask().outcome, Outcome::unknown);
  }
}

TEST_F(HttpTest, WhatAnInterimReplySaysDoesNotCountWhicheverCaseTheNextBeginsIn) {
  serve(raw(
      "HTTP/1.1 103 Early\r\nAmends-Barrier: fenced\r\n\r\nHTtP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1"));
  EXPECT_EQ(ask().outcome, Outcome::done);
}

TEST_F(HttpTest, AnUnknownHostIsTransient) {
  endpoint = endpoint_at("http://no-such-host.invalid");
  EXPECT_ANSWER(ask(), transient, "dns");
}

TEST_F(HttpTest, AReplyWithoutALengthIsWholeOnlyWhereItsValueShowsItsEnd) {
  const std::vector<std::string> bodies = {"{\"a\":1}", "", "\n", "12"};
  std::atomic<std::size_t> at{0};
  serve([&](const SeenRequest&) { return raw("HTTP/1.1 200 OK\r\n\r\n" + bodies[at]); });
  EXPECT_ANSWER(ask(), done, "");
  for (at = 1; at < bodies.size(); ++at) EXPECT_ANSWER(ask(), unknown, "connection_lost");
}

TEST_F(HttpTest, NoReplyInTimeIsUnknown) {
  Script silent;
  silent.hold = true;
  serve(silent);
  EXPECT_ANSWER(ask(short_attempt()), unknown, "timeout");
}

TEST_F(HttpTest, TheEndpointsTimeoutCapsTheStepsOwn) {
  Script silent;
  silent.hold = true;
  serve(silent);
  endpoint.timeout_max = milliseconds(100);
  EXPECT_ANSWER(ask(), unknown, "timeout");
}

TEST_F(HttpTest, ACloseWithoutAReplyIsUnknown) {
  serve(raw(""));
  EXPECT_ANSWER(ask(), unknown, "connection_lost");
}

TEST_F(HttpTest, AResetIsUnknown) {
  Script script;
  script.reset = true;
  serve(script);
  EXPECT_ANSWER(ask(), unknown, "connection_lost");
}

TEST_F(HttpTest, AReplyCutAnywhereIsUnknown) {
  const std::string whole = "HTTP/1.1 200 OK\r\nContent-Length: 8\r\nX: y\r\n\r\n{\"a\":12}";
  std::atomic<std::size_t> cut{0};
  serve([&](const SeenRequest&) { return raw(whole.substr(0, cut)); });
  for (cut = 0; cut < whole.size(); ++cut) {
    const auto answer = ask();
    EXPECT_EQ(answer.outcome, Outcome::unknown) << "cut at " << cut << ": " << answer.error_class;
  }
  EXPECT_ANSWER(ask(), done, "");
}

TEST_F(HttpTest, ABodyThatDripsPastTheTimeIsUnknown) {
  Script script;
  script.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{";
  script.hold = true;
  serve(script);
  EXPECT_ANSWER(ask(short_attempt()), unknown, "timeout");
}

TEST_F(HttpTest, BytesThatAreNotHttpAreUnknown) {
  for (const std::string bytes :
       {"SSH-2.0-OpenSSH\r\n", "{\"a\":1}", "HTTP/9 200\r\n\r\n", "HTTP/1.1 abc\r\n\r\n"}) {
    serve(raw(bytes));
    HttpAdapter fresh(options, {endpoint});
    WaitingSink own;
    fresh.submit({attempt_of(post_json)}, own);
    EXPECT_EQ(own.wait(1).at(0).reply.outcome, Outcome::unknown) << bytes;
  }
}

TEST_F(HttpTest, HtmlWithStatus200IsUnknown) {
  serve(reply(200, "<html><body>Please log in</body></html>", "Content-Type: text/html\r\n"));
  EXPECT_ANSWER(ask(), unknown, "reply_not_json");
}

TEST_F(HttpTest, A64MegabyteAnswerIsUnknownAndIsNotRead) {
  Script script;
  script.bytes = "HTTP/1.1 200 OK\r\nContent-Length: 67108864\r\n\r\n";
  script.endless = std::string(1 << 16, ' ');
  script.endless_max = 64 << 20;
  serve(script);
  EXPECT_ANSWER(ask(), unknown, "reply_too_large");
}

TEST_F(HttpTest, ALargeRefusalIsARefusalAllTheSame) {
  Script script;
  script.bytes = "HTTP/1.1 409 Conflict\r\nContent-Length: 67108864\r\n\r\n";
  script.endless = std::string(1 << 16, 'x');
  script.endless_max = 64 << 20;
  serve(script);
  const auto answer = ask();
  EXPECT_ANSWER(answer, rejected, "http_409");
  EXPECT_LE(answer.error.size(), engine::error_bytes_max);
}

TEST_F(HttpTest, EndlessHeadersAreUnknown) {
  Script script;
  script.bytes = "HTTP/1.1 200 OK\r\n";
  script.endless = "X-Filler: " + std::string(1000, 'x') + "\r\n";
  script.endless_max = 1 << 30;
  serve(script);
  EXPECT_ANSWER(ask(), unknown, "headers_too_large");
}

TEST_F(HttpTest, AFloodOfInterimRepliesIsUnknown) {
  Script script;
  script.endless = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
  script.endless_max = 1 << 30;
  serve(script);
  EXPECT_ANSWER(ask(), unknown, "headers_too_large");
}

TEST_F(HttpTest, OneInterimReplyIsPassedOverAndItsHeadersDoNotCount) {
  serve(
      raw("HTTP/1.1 103 Early Hints\r\nAmends-Barrier: fenced\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: "
          "1\r\n\r\n5"));
  EXPECT_ANSWER(ask(), done, "");
}

TEST_F(HttpTest, ARedirectIsNotFollowed) {
  serve(reply(307, "", "Location: http://169.254.169.254/latest/meta-data\r\n"));
  EXPECT_ANSWER(ask(), unknown, "http_307");
  EXPECT_EQ(participant->requests().size(), 1u);
}

TEST_F(HttpTest, TooManyRequestsIsTransientWithTheWish) {
  serve(reply(429, "", "Retry-After: 3\r\n"));
  const auto answer = ask();
  EXPECT_ANSWER(answer, transient, "http_429");
  EXPECT_EQ(answer.retry_after, std::chrono::seconds(3));
}

TEST_F(HttpTest, TheBarriersWordComesThrough) {
  serve(reply(200, "null", "amends-barrier:  empty_undo \r\n"));
  auto undo = attempt_of(post_json);
  undo.direction = engine::Direction::undo;
  const auto answer = ask(undo);
  EXPECT_ANSWER(answer, done, "");
  EXPECT_TRUE(answer.empty_undo);
  EXPECT_EQ(participant->requests().at(0).header("Amends-Direction"), "undo");
}

TEST_F(HttpTest, ChunkedRepliesAreRead) {
  serve(raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{\"a\r\n4\r\n\":1}\r\n0\r\n\r\n"));
  const auto answer = ask();
  EXPECT_ANSWER(answer, done, "");
  EXPECT_EQ(answer.result, R"({"a":1})");
}

TEST_F(HttpTest, AConnectionIsKept) {
  serve(reply(200, "1"));
  for (int i = 0; i < 20; ++i) EXPECT_ANSWER(ask(), done, "");
  EXPECT_EQ(participant->connections(), 1u);
}

TEST_F(HttpTest, AKeptConnectionThatDiesUnderTheRequestIsUnknownAndNothingIsSentTwice) {
  serve([this](const SeenRequest& request) {
    (void)request;
    return participant->requests().empty() ? reply(200, "1") : raw("");
  });
  EXPECT_ANSWER(ask(), done, "");
  EXPECT_ANSWER(ask(), unknown, "connection_lost");
  EXPECT_EQ(participant->requests().size(), 2u) << "libcurl sent it once more by itself";
}

TEST_F(HttpTest, WhereNobodyCanAskAgainEachAttemptHasItsOwnConnection) {
  serve(reply(200, "1"));
  endpoint.facts.idempotency = engine::Idempotency::none;
  for (int i = 0; i < 3; ++i) EXPECT_ANSWER(ask(), done, "");
  EXPECT_EQ(participant->connections(), 3u);
}

TEST_F(HttpTest, AnAttemptIsNotSentOnceTheLeaseOverItsShardIsOver) {
  serve(reply(200, "1"));
  const engine::SystemClock clock;
  engine::Lease lease(clock);
  auto attempt = attempt_of(post_json);
  attempt.lease = &lease;
  attempt.epoch = 7;
  EXPECT_ANSWER(ask(attempt), done, "");  // a store that is not shared limits nothing

  lease.begin(7);
  lease.own(attempt.saga.shard(), true);
  EXPECT_ANSWER(ask(attempt), transient, "lease_lost");  // not renewed yet
  lease.extend(clock.elapsed() + milliseconds(60'000));
  EXPECT_ANSWER(ask(attempt), done, "");
  lease.begin(8);
  lease.extend(clock.elapsed() + milliseconds(60'000));
  EXPECT_ANSWER(ask(attempt), transient, "lease_lost");  // of an epoch before
  EXPECT_EQ(participant->requests().size(), 2u);
}

TEST_F(HttpTest, AnAttemptPastItsNotAfterIsNotSent) {
  serve(reply(200, "1"));
  auto late = attempt_of(post_json);
  late.not_after = engine::from_micros(1'000'000);
  const auto answer = ask(late);
  EXPECT_ANSWER(answer, transient, "not_sent_in_time");
  EXPECT_EQ(answer.error, "it waited past its time for its turn and was not sent");
  EXPECT_TRUE(participant->requests().empty());
}

}  // namespace
}  // namespace amends::http
