// Clients that are slow, or do nothing at all, cost others nothing.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "tests/rest/server.hpp"

namespace amends::rest {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

TEST(Slow, eight_clients_that_send_a_byte_every_two_seconds_do_not_delay_a_ninth) {
  Server server;  // the defaults: 8 workers, a head within 3 s
  std::vector<std::unique_ptr<Client>> slow;
  for (int i = 0; i < 8; ++i) slow.push_back(std::make_unique<Client>(server.port()));
  auto first_byte = Clock::now();
  for (auto& client : slow) ASSERT_TRUE(client->send("G"));

  auto begun = Clock::now();
  Client ninth(server.port());
  EXPECT_EQ(ninth.ask(get("/echo")).status, 200);
  EXPECT_LT(Clock::now() - begun, 1s);

  // Two seconds later, by waiting on an answer that does not come: the second byte does not extend the time.
  EXPECT_EQ(slow[0]->read(2s).status, 0);
  for (auto& client : slow) EXPECT_TRUE(client->send("E"));
  begun = Clock::now();
  EXPECT_EQ(ninth.ask(get("/echo")).status, 200);
  EXPECT_LT(Clock::now() - begun, 1s);

  for (auto& client : slow) EXPECT_EQ(client->read().status, 408);
  EXPECT_GE(Clock::now() - first_byte, 3s);
  EXPECT_LT(Clock::now() - first_byte, 4s);
}

TEST(Slow, head_is_refused_at_its_deadline) {
  Server server({.head_timeout = 100ms});
  Client client(server.port());

  Reply reply = client.ask("GET / HTTP/1.1\r\nHost: local");

  EXPECT_EQ(reply.status, 408);
  EXPECT_TRUE(client.ended());
}

TEST(Slow, body_is_refused_at_its_deadline) {
  Server server({.request_timeout = 100ms});
  Client client(server.port());

  Reply reply = client.ask(
      "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
      "5\r\n\r\n[1");

  EXPECT_EQ(reply.status, 408);
  EXPECT_TRUE(client.ended());
}

TEST(Slow, idle_connection_is_closed_without_an_answer) {
  Server server({.idle_timeout = 100ms});
  Client fresh(server.port()), used(server.port());
  ASSERT_EQ(used.ask(get("/echo")).status, 200);

  EXPECT_TRUE(fresh.ended());
  EXPECT_TRUE(used.ended());
}

TEST(Slow, time_to_think_between_requests_is_not_part_of_the_next_head) {
  Server server({.head_timeout = 100ms});
  Client client(server.port());
  ASSERT_EQ(client.ask(get("/echo")).status, 200);

  EXPECT_EQ(client.read(200ms).status, 0);

  EXPECT_EQ(client.ask(get("/echo")).status, 200);
}

TEST(Slow, reader_of_a_large_answer_blocks_nobody_and_loses_its_connection_at_the_deadline) {
  constexpr auto write_timeout = 1500ms;
  Server server({.workers = 1, .write_timeout = write_timeout});
  Client slow(server.port(), 4096), other(server.port());
  auto begun = Clock::now();
  slow.send(get("/large"));

  for (int i = 0; i < 20; ++i) ASSERT_EQ(other.ask(get("/echo")).status, 200);
  EXPECT_LT(Clock::now() - begun, write_timeout) << "served while the answer was still being written";

  EXPECT_EQ(other.read(write_timeout + 500ms).status, 0);  // nobody asked: this only lets the deadline pass
  EXPECT_EQ(slow.read().status, 0);
}

TEST(Slow, large_answer_arrives_whole_at_a_client_that_reads) {
  Server server;
  Client client(server.port(), 4096);

  EXPECT_EQ(client.ask(get("/large")).body.size(), 16u << 20);
  EXPECT_EQ(client.ask(get("/echo")).status, 200);
}

std::chrono::microseconds cpu_time() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return std::chrono::seconds(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
         std::chrono::microseconds(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

TEST(Slow, accepting_without_descriptors_neither_spins_nor_stops_for_good) {
  Server server;
  Client served(server.port());
  ASSERT_EQ(served.ask(get("/echo")).status, 200);
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  rlimit few = files;
  few.rlim_cur = 256;
  setrlimit(RLIMIT_NOFILE, &few);
  std::vector<int> taken;
  for (int fd; (fd = ::dup(0)) >= 0;) taken.push_back(fd);
  ::close(taken.back());  // one for the client, none for the server
  taken.pop_back();

  auto cpu_before = cpu_time();
  Client waiting(server.port());
  waiting.send(get("/echo"));
  EXPECT_EQ(waiting.read(500ms).status, 0);
  EXPECT_LT(cpu_time() - cpu_before, 100ms);
  EXPECT_EQ(served.ask(get("/echo")).status, 200);

  for (int fd : taken) ::close(fd);
  EXPECT_EQ(waiting.read().status, 200);
  setrlimit(RLIMIT_NOFILE, &files);
}

}  // namespace
}  // namespace amends::rest
