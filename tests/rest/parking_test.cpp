// Requests that are answered later.
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <functional>
#include <thread>

#include "engine/base/json.hpp"
#include "tests/rest/server.hpp"

namespace amends::rest {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

// Until `holds`, at most five seconds.
bool eventually(const std::function<bool()>& holds) {
  for (auto until = Clock::now() + 5s; Clock::now() < until; std::this_thread::yield())
    if (holds()) return true;
  return false;
}

TEST(Parked, is_answered_by_another_thread_and_keeps_its_connection) {
  Server server;
  Client client(server.port());
  for (std::size_t i = 1; i <= 3; ++i) {
    client.send(get("/park"));
    ASSERT_TRUE(server.await_parked(i));

    server.parked().back().answer(201, "{\"id\":1}", {{"Location", "/v1/sagas/1"}});

    Reply reply = client.read();
    EXPECT_EQ(reply.status, 201);
    EXPECT_EQ(reply.body, "{\"id\":1}");
    EXPECT_TRUE(reply.has("\r\nLocation: /v1/sagas/1\r\n"));
  }
}

TEST(Parked, thousand_waiters_leave_an_ordinary_get_fast) {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = std::min<rlim_t>(files.rlim_max, 8192);
  setrlimit(RLIMIT_NOFILE, &files);
  Server server;
  std::vector<std::unique_ptr<Client>> waiters;
  for (int i = 0; i < 1'000; ++i) {
    waiters.push_back(std::make_unique<Client>(server.port()));
    ASSERT_TRUE(waiters.back()->send(get(i % 2 ? "/park" : "/park-for-long")));
  }
  ASSERT_TRUE(server.await_parked(1'000));

  auto begun = Clock::now();
  Client client(server.port());
  EXPECT_EQ(client.ask(get("/echo")).status, 200);
  EXPECT_LT(Clock::now() - begun, 1s);

  for (const Parked& parked : server.parked()) parked.answer(200, "{}");
  for (auto& waiter : waiters) ASSERT_EQ(waiter->read().status, 200);
}

TEST(Parked, only_the_first_answer_counts) {
  Server server;
  Client client(server.port());
  client.send(get("/park"));
  ASSERT_TRUE(server.await_parked(1));
  Parked parked = server.parked()[0];

  EXPECT_TRUE(parked.waiting());
  parked.answer(200, "1");
  EXPECT_FALSE(parked.waiting());
  parked.answer(200, "2");

  EXPECT_EQ(client.read().body, "1");
  EXPECT_EQ(client.ask(get("/echo")).status, 200);
}

TEST(Parked, is_answered_by_on_timeout_when_its_time_is_up) {
  Server server;
  Client client(server.port());

  auto begun = Clock::now();
  Reply reply = client.ask(get("/park-for"));

  EXPECT_EQ(reply.status, 202);
  EXPECT_EQ(reply.body, R"({"state":"running"})");
  EXPECT_GE(Clock::now() - begun, 100ms);
  EXPECT_FALSE(server.parked()[0].waiting());
  server.parked()[0].answer(200, "late");
  EXPECT_EQ(client.ask(get("/echo")).status, 200);
}

TEST(Parked, that_is_forgotten_is_answered_all_the_same) {
  Server server;
  Client client(server.port());

  Reply reply = client.ask(get("/drop"));

  EXPECT_EQ(reply.status, 500);
  EXPECT_EQ(engine::parse_json(reply.body).value["type"], "/problems/request-dropped");
}

TEST(Parked, is_dropped_when_the_client_goes) {
  Server server;
  auto closes = std::make_unique<Client>(server.port());
  closes->send(get("/park"));
  ASSERT_TRUE(server.await_parked(1));
  Client resets(server.port());
  resets.send(get("/park-for-long"));
  ASSERT_TRUE(server.await_parked(2));

  closes = nullptr;
  resets.reset();

  for (const Parked& parked : server.parked()) {
    EXPECT_TRUE(eventually([&] { return !parked.waiting(); }));
    parked.answer(200, "{}");
  }
  Client other(server.port());
  EXPECT_EQ(other.ask(get("/echo")).status, 200);
}

TEST(Parked, holds_no_worker) {
  Server server({.workers = 1});
  Client first(server.port()), second(server.port());
  first.send(get("/park"));
  ASSERT_TRUE(server.await_parked(1));

  EXPECT_EQ(second.ask(get("/echo")).status, 200);

  server.parked()[0].answer(200, "{}");
  EXPECT_EQ(first.read().status, 200);
}

TEST(Stop, answers_those_who_wait_with_what_there_is_now) {
  Server server;
  Client client(server.port());
  client.send(get("/park-for-long"));
  ASSERT_TRUE(server.await_parked(1));

  auto begun = Clock::now();
  server.stop();

  EXPECT_LT(Clock::now() - begun, 2s);
  Reply reply = client.read();
  EXPECT_EQ(reply.status, 202);
  EXPECT_TRUE(reply.has("\r\nConnection: close\r\n"));
  EXPECT_TRUE(client.ended());
}

TEST(Stop, waits_for_an_answer_that_is_on_its_way) {
  Server server;
  Client client(server.port());
  client.send(get("/park"));
  ASSERT_TRUE(server.await_parked(1));

  std::thread stopping([&] { server.stop(); });
  // It stops once it takes no new client any more.
  ASSERT_TRUE(eventually([&] {
    try {
      Client probe(server.port());
      return false;
    } catch (const std::runtime_error&) {
      return true;
    }
  }));
  server.parked()[0].answer(201, "{}");
  stopping.join();

  EXPECT_EQ(client.read().status, 201);
  EXPECT_TRUE(client.ended());
}

TEST(Stop, gives_up_on_an_answer_that_does_not_come) {
  Server server({.drain = 100ms});
  Client client(server.port());
  client.send(get("/park"));
  ASSERT_TRUE(server.await_parked(1));

  server.stop();

  EXPECT_EQ(client.read().status, 503);
  EXPECT_FALSE(server.parked()[0].waiting());
  server.parked()[0].answer(200, "{}");  // the front is gone: nothing happens
}

TEST(Stop, closes_idle_connections_at_once) {
  Server server;
  Client client(server.port());
  ASSERT_EQ(client.ask(get("/echo")).status, 200);

  server.stop();
  server.stop();

  EXPECT_TRUE(client.ended());
}

}  // namespace
}  // namespace amends::rest
