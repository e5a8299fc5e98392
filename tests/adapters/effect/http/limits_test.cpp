// Queues, limits, credentials, many calls at once, and stopping.
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <fstream>

#include "adapters/effect/http/rate_limit.hpp"
#include "tests/adapters/effect/http/http_fixture.hpp"

namespace amends::http {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

std::vector<engine::Attempt> many(std::size_t count) {
  std::vector<engine::Attempt> out;
  for (std::size_t i = 1; i <= count; ++i)
    out.push_back(attempt_of(post_json, static_cast<std::uint32_t>(i)));
  return out;
}

Script held() {
  Script out;
  out.hold = true;
  return out;
}

engine::WallTime wall_now() {
  return std::chrono::floor<engine::Micros>(std::chrono::system_clock::now());
}

TEST_F(HttpTest, TwoThousandCallsAreInFlightAtOnceAndEachIsAnsweredOnce) {
  serve(held());
  endpoint.concurrency_max = 2'000;
  adapter().submit(many(2'000), sink);
  ASSERT_TRUE(participant->wait_for_requests(2'000));
  EXPECT_EQ(adapter().in_flight(), 2'000u);
  EXPECT_EQ(participant->connections(), 2'000u);

  participant->release(reply(200, "1"));

  auto answers = sink.wait(2'000);
  ASSERT_EQ(answers.size(), 2'000u);
  std::ranges::sort(answers, {}, &engine::Answered::number);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    ASSERT_EQ(answers[i].number, i + 1);
    ASSERT_EQ(answers[i].reply.outcome, Outcome::done) << answers[i].reply.error;
  }
  EXPECT_EQ(adapter().in_flight(), 0u);
}

TEST_F(HttpTest, TheConcurrencyLimitHoldsTheRestBackInOrder) {
  serve(held());
  endpoint.concurrency_max = 3;
  adapter().submit(many(10), sink);
  ASSERT_TRUE(participant->wait_for_requests(3));
  EXPECT_EQ(participant->requests().size(), 3u);
  EXPECT_EQ(adapter().in_flight(), 10u);

  participant->release(reply(200, "1"));

  sink.wait(10);
  EXPECT_EQ(participant->connections(), 3u);
  const auto seen = participant->requests();
  ASSERT_EQ(seen.size(), 10u);
  // The first three went out together; from then on each takes the place of one that ended.
  for (std::size_t i = 3; i < seen.size(); ++i)
    EXPECT_NEAR(std::stod(seen[i].header("Amends-Attempt")), static_cast<double>(i + 1), 2) << i;
}

TEST_F(HttpTest, AWideEndpointIsSpreadOverAllLoopsAndItsLimitHoldsOverThemTogether) {
  serve(held());
  endpoint.concurrency_max = 65;
  options.threads = 2;
  adapter().submit(many(200), sink);
  ASSERT_TRUE(participant->wait_for_requests(65));
  EXPECT_EQ(participant->requests().size(), 65u);
  EXPECT_EQ(adapter().in_flight(), 200u);

  participant->release(reply(200, "1"));

  EXPECT_EQ(sink.wait(200).size(), 200u);
  EXPECT_EQ(participant->connections(), 65u);
  const auto counts = adapter().counts();
  EXPECT_EQ(counts.at(0).done, 200u);
}

TEST_F(HttpTest, AnEndpointWithFewCallsKeepsTheirOrderAlsoWithSeveralLoops) {
  serve(reply(200, "1"));
  endpoint.concurrency_max = 1;
  options.threads = 4;
  adapter().submit(many(20), sink);
  sink.wait(20);
  const auto seen = participant->requests();
  ASSERT_EQ(seen.size(), 20u);
  for (std::size_t i = 0; i < seen.size(); ++i)
    EXPECT_EQ(seen[i].header("Amends-Attempt"), std::to_string(i + 1));
}

TEST_F(HttpTest, TheTimeoutCountsFromSendingAndNotFromWaiting) {
  std::atomic<int> first{0};
  serve([&](const SeenRequest&) { return first++ == 0 ? held() : reply(200, "1"); });
  endpoint.concurrency_max = 1;
  auto attempts = many(2);
  attempts[0].timeout = milliseconds(400);
  attempts[1].timeout = milliseconds(300);
  adapter().submit(std::move(attempts), sink);

  const auto answers = sink.wait(2);
  EXPECT_EQ(answers.at(0).reply.error_class, "timeout");
  EXPECT_EQ(answers.at(1).reply.outcome, Outcome::done) << answers.at(1).reply.error;
}

TEST_F(HttpTest, AnAttemptThatWaitsPastItsNotAfterIsAnsweredThoughTheQueueDoesNotMove) {
  serve(held());
  endpoint.concurrency_max = 1;
  auto attempts = many(2);
  attempts[1].not_after = wall_now() + milliseconds(50);
  adapter().submit(std::move(attempts), sink);

  const auto answers = sink.wait(1);
  EXPECT_EQ(answers.at(0).number, 2u);
  EXPECT_EQ(answers.at(0).reply.outcome, Outcome::transient);
  EXPECT_EQ(answers.at(0).reply.error_class, "not_sent_in_time");
  EXPECT_LE(participant->requests().size(), 1u);
}

TEST_F(HttpTest, TheRateLimitSpreadsCallsOut) {
  serve(reply(200, "1"));
  endpoint.rate_per_second = 50;
  endpoint.rate_burst = 2;
  const auto start = std::chrono::steady_clock::now();
  adapter().submit(many(12), sink);
  sink.wait(12);
  // Two at once, ten at 20 ms each.
  EXPECT_GE(std::chrono::steady_clock::now() - start, milliseconds(195));
}

TEST(RateLimit, FillsUpToItsBurstAndSaysWhenTheNextIsDue) {
  RateLimit limit(10, 2);
  engine::Elapsed now = seconds(100);
  EXPECT_TRUE(limit.take(now));
  EXPECT_TRUE(limit.take(now));
  EXPECT_FALSE(limit.take(now));
  EXPECT_EQ(limit.next(), now + milliseconds(100));
  EXPECT_FALSE(limit.take(now + milliseconds(99)));
  EXPECT_TRUE(limit.take(now + milliseconds(101)));
  now += seconds(3600);
  EXPECT_TRUE(limit.take(now));
  EXPECT_TRUE(limit.take(now));
  EXPECT_FALSE(limit.take(now));
}

TEST_F(HttpTest, OneSlowEndpointDoesNotHoldAnotherUp) {
  serve([](const SeenRequest& request) {
    return request.target == "/slow/reservations" ? held() : reply(200, "1");
  });
  auto slow = endpoint;
  slow.name = "slow";
  slow.base_url += "/slow";
  slow.concurrency_max = 1;
  HttpAdapter both(options, {slow, endpoint});
  std::vector<engine::Attempt> attempts = many(20);
  for (std::size_t i = 0; i < 10; ++i)
    attempts[i].request = std::make_shared<engine::Request>(engine::Request{"http", "slow", post_json});
  both.submit(std::move(attempts), sink);
  for (const auto& answer : sink.wait(10)) EXPECT_GT(answer.number, 10u);
  both.stop(engine::Millis{0});
  EXPECT_EQ(sink.wait(20).size(), 20u);
}

TEST_F(HttpTest, SeveralLoopsShareTheEndpoints) {
  serve(reply(200, "1"));
  options.threads = 2;
  auto other = endpoint;
  other.name = "other";
  HttpAdapter both(options, {endpoint, other});
  auto attempts = many(200);
  for (std::size_t i = 0; i < 100; ++i)
    attempts[i].request = std::make_shared<engine::Request>(engine::Request{"http", "other", post_json});
  both.submit(std::move(attempts), sink);
  EXPECT_EQ(sink.wait(200).size(), 200u);
  const auto counts = both.counts();
  ASSERT_EQ(counts.size(), 2u);
  EXPECT_EQ(counts[0].name, "other");
  EXPECT_EQ(counts[0].done, 100u);
  EXPECT_EQ(counts[1].done, 100u);
}

TEST_F(HttpTest, StopAnswersTheQueueWaitsForTheWireAndCutsTheRest) {
  serve(held());
  endpoint.concurrency_max = 2;
  adapter().submit(many(5), sink);
  ASSERT_TRUE(participant->wait_for_requests(2));

  adapter().stop(milliseconds(50));

  auto answers = sink.wait(5);
  ASSERT_EQ(answers.size(), 5u);
  std::ranges::sort(answers, {}, &engine::Answered::number);
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(answers[i].reply.outcome, i < 2 ? Outcome::unknown : Outcome::transient) << i;
    EXPECT_EQ(answers[i].reply.error_class, i < 2 ? "stopped" : "stopping") << i;
  }
  EXPECT_EQ(adapter().in_flight(), 0u);
  EXPECT_EQ(ask().error_class, "stopping");
}

TEST_F(HttpTest, StopGivesWhatIsOnTheWireItsTime) {
  serve(held());
  adapter().submit(many(3), sink);
  ASSERT_TRUE(participant->wait_for_requests(3));

  const auto start = std::chrono::steady_clock::now();
  std::thread stopping([&] { adapter().stop(seconds(20)); });
  participant->release(reply(200, "1"));
  stopping.join();

  EXPECT_LT(std::chrono::steady_clock::now() - start, seconds(15))
      << "it waits no longer than for the answers";
  for (const auto& answer : sink.wait(3)) EXPECT_EQ(answer.reply.outcome, Outcome::done);
}

TEST_F(HttpTest, ASinkMaySubmitFromItsDelivery) {
  struct Chain : WaitingSink {
    HttpAdapter* adapter = nullptr;
    std::atomic<int> left{50};
    void deliver(std::vector<engine::Answered> answers) override {
      if (left-- > 0) adapter->submit({attempt_of(post_json)}, *this);
      WaitingSink::deliver(std::move(answers));
    }
  } chain;
  serve(reply(200, "1"));
  chain.adapter = &adapter();
  adapter().submit({attempt_of(post_json)}, chain);
  EXPECT_EQ(chain.wait(51).size(), 51u);
}

TEST_F(HttpTest, ACredentialIsReadWhenItIsSent) {
  serve(reply(200, "1"));
  const std::string path = testing::TempDir() + "amends_bearer_" + std::to_string(participant->port());
  std::ofstream(path) << "s3cret-from-file\n";
  endpoint.bearer = "file:" + path;
  EXPECT_EQ(ask().outcome, Outcome::done);
  EXPECT_EQ(participant->requests().at(0).header("Authorization"), "Bearer s3cret-from-file");
  std::remove(path.c_str());
}

TEST_F(HttpTest, AMissingCredentialIsTransientAndNamesNoSecret) {
  serve(reply(200, "1"));
  ::setenv("AMENDS_TEST_BROKEN_BEARER", "two\r\nlines", 1);
  for (const char* reference :
       {"env:AMENDS_TEST_NO_SUCH_VARIABLE", "env:AMENDS_TEST_BROKEN_BEARER", "file:/no/such/file"}) {
    endpoint.bearer = reference;
    HttpAdapter own(options, {endpoint});
    WaitingSink answers;
    own.submit({attempt_of(post_json)}, answers);
    const auto answer = answers.wait(1).at(0).reply;
    EXPECT_EQ(answer.outcome, Outcome::transient);
    EXPECT_EQ(answer.error_class, "no_credential");
    EXPECT_EQ(answer.error.find("two"), std::string::npos);
  }
  EXPECT_TRUE(participant->requests().empty());
}

// Its open would wait for a writer, and with it every call of the loop.
TEST_F(HttpTest, ACredentialThatIsAPipeIsRefusedAndHoldsNothingUp) {
  serve(reply(200, "1"));
  const std::string path = testing::TempDir() + "amends_bearer_pipe_" + std::to_string(participant->port());
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  endpoint.bearer = "file:" + path;

  const auto answer = ask();

  EXPECT_EQ(answer.outcome, Outcome::transient);
  EXPECT_EQ(answer.error_class, "no_credential");
  EXPECT_NE(answer.error.find("a regular file"), std::string::npos) << answer.error;
  EXPECT_TRUE(participant->requests().empty());
  std::remove(path.c_str());
}

}  // namespace
}  // namespace amends::http
