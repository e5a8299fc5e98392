// What a hostile client gets: a refusal that it can read, the end of its connection, and none of our memory.
#include <gtest/gtest.h>

#include <thread>

#include "engine/base/json.hpp"
#include "tests/rest/server.hpp"

namespace amends::rest {
namespace {

using namespace std::chrono_literals;

// Room for the allocator and the threads' stacks; every flood below is far above it.
constexpr std::size_t flat_bytes = 8 << 20;

void expect_refused(Client& client, const Reply& reply, int status, const std::string& slug) {
  EXPECT_EQ(reply.status, status);
  EXPECT_TRUE(reply.has("\r\nContent-Type: application/problem+json\r\n"));
  EXPECT_TRUE(reply.has("\r\nConnection: close\r\n"));
  EXPECT_EQ(engine::parse_json(reply.body).value.value("type", ""), "/problems/" + slug);
  EXPECT_TRUE(client.ended()) << "in order, not by a reset";
}

// Sends `head`, then `block` until `bytes` are sent. False when the server cut the connection before.
bool flood(Client& client, const std::string& head, const std::string& block, std::size_t bytes) {
  if (!client.send(head)) return false;
  for (std::size_t sent = 0; sent < bytes; sent += block.size())
    if (!client.send(block)) return false;
  return true;
}

class Flood : public testing::Test {
 protected:
  void SetUp() override {
    Client client(server_.port());
    ASSERT_EQ(client.ask(get("/echo")).status, 200);  // everything is allocated that an honest client needs
    before_ = resident_bytes();
  }
  void TearDown() override {
    EXPECT_LT(resident_bytes(), before_ + flat_bytes);
    Client client(server_.port());
    EXPECT_EQ(client.ask(get("/echo")).status, 200);
  }
  Server server_;
  std::size_t before_ = 0;
};

TEST_F(Flood, of_twenty_thousand_header_lines_is_refused) {
  Client client(server_.port());

  flood(client, "GET / HTTP/1.1\r\nHost: localhost\r\n", "X-Header: some value\r\n", 20'000 * 22);

  expect_refused(client, client.read(), 431, "head-too-large");
}

TEST_F(Flood, of_a_line_of_300_mb_is_refused) {
  Client client(server_.port());

  flood(client, "GET /", std::string(1 << 20, 'a'), 300 << 20);

  EXPECT_EQ(client.read().status, 431);
}

TEST_F(Flood, of_a_header_of_300_mb_is_refused) {
  Client client(server_.port());

  flood(client, "GET / HTTP/1.1\r\nHost: localhost\r\nX: ", std::string(1 << 20, 'a'), 300 << 20);

  EXPECT_EQ(client.read().status, 431);
}

TEST_F(Flood, of_a_body_of_100_mb_is_refused_by_its_length_and_read_off) {
  Client client(server_.port());

  // A reset while the client still sends would take the refusal from it.
  EXPECT_TRUE(flood(client,
                    "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                    "Content-Length: 104857600\r\n\r\n",
                    std::string(1 << 20, 'a'), 100 << 20));

  expect_refused(client, client.read(), 413, "body-too-large");
}

TEST_F(Flood, of_chunks_is_refused) {
  Client client(server_.port());

  flood(client, "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n",
        "10000\r\n" + std::string(0x10000, 'a') + "\r\n", 100 << 20);

  expect_refused(client, client.read(), 501, "transfer-encoding-not-supported");
}

TEST_F(Flood, behind_a_complete_request_is_refused) {
  Client client(server_.port());

  flood(client, post("/echo", "{}"), get("/echo") + std::string(1 << 20, 'a'), 50 << 20);

  EXPECT_NE(client.read().status, 0);
}

TEST_F(Flood, of_unfinished_bodies_is_bounded_in_all) {
  std::string begin =
      "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
      "1000000\r\n\r\n";
  std::vector<std::unique_ptr<Client>> clients;
  for (int i = 0; i < 67; ++i) {  // the 68th million passes 64 MiB
    clients.push_back(std::make_unique<Client>(server_.port()));
    clients.back()->send(begin);
  }

  Client last(server_.port());
  Reply reply = last.ask(begin + "[1");

  expect_refused(last, reply, 503, "too-many-bodies");
}

// The router matches paths by std::regex, which recurses with their length.
TEST(LongPath, does_not_exhaust_a_workers_stack) {
  Server server;
  Client client(server.port());

  EXPECT_EQ(client.ask(get("/things/" + std::string(4'000, 'a') + "/end")).body.size(), 4'000u);
  EXPECT_EQ(client.ask(get("/things/" + std::string(4'000, 'a'))).status, 404);
}

struct Smuggle {
  const char* name;
  std::string head;  // a body that is a request of its own follows
  int status;
};

void PrintTo(const Smuggle& row, std::ostream* out) {
  *out << row.name;
}

class Smuggled : public testing::TestWithParam<Smuggle> {};

TEST_P(Smuggled, request_behind_a_refused_head_is_never_answered) {
  Server server;
  Client client(server.port());

  client.send(GetParam().head);
  client.send(get("/echo"));

  EXPECT_EQ(client.read().status, GetParam().status);
  EXPECT_TRUE(client.ended());
}

INSTANTIATE_TEST_SUITE_P(
    Rows, Smuggled,
    testing::Values(
        Smuggle{"unread_body_after_415",
                "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/plain\r\nContent-Length: "
                "50\r\n\r\n",
                415},
        Smuggle{"body_on_get", "GET /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\n\r\n", 400},
        Smuggle{"length_and_chunked",
                "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: "
                "chunked\r\n\r\n0\r\n\r\n",
                501},
        Smuggle{"two_lengths",
                "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nContent-Length: 50\r\n\r\n",
                400},
        Smuggle{"encoded_line_break", "GET /echo HTTP/1.1\r\nHost: localhost\r\nX: a%0d%0ab\r\n\r\n", 400},
        Smuggle{"foreign_host", "GET /echo HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421},
        Smuggle{"bare_lf", "GET /echo HTTP/1.1\nHost: localhost\n\n", 400}),
    [](const auto& row) { return std::string(row.param.name); });

TEST(Pipelining, in_one_piece_is_refused) {
  Server server;
  Client client(server.port());

  Reply reply = client.ask(get("/echo") + get("/echo"));

  expect_refused(client, reply, 400, "pipelining-not-supported");
}

TEST(Pipelining, while_the_first_request_is_in_work_ends_the_connection_after_its_answer) {
  Server server;
  Client client(server.port());
  client.send(get("/park"));
  ASSERT_TRUE(server.await_parked(1));

  client.send(get("/echo"));
  // The reader has seen the bytes once it has served a request that came later.
  Client later(server.port());
  ASSERT_EQ(later.ask(get("/echo")).status, 200);
  server.parked()[0].answer(200, "{}");

  Reply reply = client.read();
  EXPECT_EQ(reply.body, "{}");
  EXPECT_TRUE(reply.has("\r\nConnection: close\r\n"));
  EXPECT_TRUE(client.ended());
}

TEST(Pipelining, of_a_body_that_is_longer_than_announced_is_refused) {
  Server server;
  Client client(server.port());

  Reply reply = client.ask(post("/echo", "{}") + "x");

  expect_refused(client, reply, 400, "pipelining-not-supported");
}

}  // namespace
}  // namespace amends::rest
