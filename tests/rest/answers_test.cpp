// What an ordinary client gets.
#include <gtest/gtest.h>

#include <set>
#include <system_error>
#include <thread>

#include "engine/base/json.hpp"
#include "tests/rest/server.hpp"

namespace amends::rest {
namespace {

using namespace std::chrono_literals;

TEST(Answers, carry_what_the_route_set_and_the_security_headers) {
  Server server;
  Client client(server.port());

  Reply reply = client.ask(get("/echo?a=1&b=x%20y"));

  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.body, "GET /echo X-Echo= from 127.0.0.1 a=1 b=x y");
  EXPECT_TRUE(reply.has("\r\nX-Seen: yes\r\n"));
  EXPECT_TRUE(reply.has("\r\nContent-Type: text/plain\r\n"));
  EXPECT_TRUE(reply.has("\r\nCache-Control: no-store\r\n"));
  EXPECT_TRUE(reply.has("\r\nX-Content-Type-Options: nosniff\r\n"));
  EXPECT_TRUE(reply.has("\r\nDate: "));
  for (const char* absent : {"Keep-Alive", "Connection:", "Accept-Ranges", "REMOTE"})
    EXPECT_FALSE(reply.has(absent));
}

TEST(Answers, reach_a_route_with_the_value_of_a_header_byte_for_byte) {
  Server server;
  Client client(server.port());

  Reply reply = client.ask("GET /echo HTTP/1.1\r\nHost: localhost\r\nX-Echo: 100%25 %41\r\n\r\n");

  EXPECT_EQ(reply.body, "GET /echo X-Echo=100%25 %41 from 127.0.0.1");
}

TEST(Answers, keep_a_question_mark_inside_the_query) {
  Server server;
  Client client(server.port());

  EXPECT_EQ(client.ask(get("/echo?a=b?c")).body, "GET /echo X-Echo= from 127.0.0.1 a=b?c");
}

TEST(Answers, serve_a_thousand_requests_on_one_connection) {
  Server server;
  Client client(server.port());

  for (int i = 0; i < 1'000; ++i) {
    std::string body = "{\"i\":" + std::to_string(i) + "}";
    Reply reply = client.ask(i % 2 ? post("/echo", body) : get("/echo?i=" + std::to_string(i)));
    ASSERT_EQ(reply.status, 200) << i;
    if (i % 2) {
      ASSERT_EQ(reply.body, body);
    }
  }
}

TEST(Answers, come_right_to_many_threads_at_once) {
  Server server;
  std::atomic<int> wrong = 0;

  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t)
    threads.emplace_back([&, t] {
      Client client(server.port());
      for (int i = 0; i < 500; ++i) {
        std::string body = "[" + std::to_string(t) + "," + std::to_string(i) + "]";
        wrong += client.ask(post("/echo", body)).body != body;
      }
    });
  for (auto& thread : threads) thread.join();

  EXPECT_EQ(wrong, 0);
}

TEST(Answers, take_a_body_of_a_mebibyte_that_comes_in_pieces) {
  Server server;
  Client client(server.port());
  std::string body = "\"" + std::string((1 << 20) - 2, 'a') + "\"";
  std::string bytes = post("/echo", body);

  for (std::size_t at = 0; at < bytes.size(); at += 50'000)
    ASSERT_TRUE(client.send(std::string_view(bytes).substr(at, 50'000)));

  EXPECT_EQ(client.read().body, body);
  EXPECT_EQ(client.ask(get("/echo")).status, 200);
}

TEST(Answers, read_a_request_that_comes_byte_by_byte) {
  Server server;
  Client client(server.port());

  for (char byte : post("/echo", "{}")) ASSERT_TRUE(client.send({&byte, 1}));

  EXPECT_EQ(client.read().body, "{}");
}

TEST(Answers, to_head_have_the_length_without_the_body) {
  Server server;
  Client client(server.port());

  client.send("HEAD /echo HTTP/1.1\r\nHost: localhost\r\n\r\n");
  Reply reply = client.read(5s, true);

  EXPECT_EQ(reply.status, 200);
  EXPECT_TRUE(reply.has("Content-Length: 33\r\n"));
  EXPECT_EQ(client.ask(get("/echo")).status, 200);
}

TEST(Answers, close_the_connection_when_the_client_asks_or_is_old) {
  Server server;
  Client asks(server.port()), old(server.port());

  EXPECT_TRUE(asks.ask("GET /echo HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                  .has("\r\nConnection: close\r\n"));
  EXPECT_TRUE(old.ask("GET /echo HTTP/1.0\r\nHost: localhost\r\n\r\n").has("\r\nConnection: close\r\n"));

  EXPECT_TRUE(asks.ended());
  EXPECT_TRUE(old.ended());
}

TEST(Answers, reach_a_client_that_has_finished_sending) {
  Server server;
  Client client(server.port());

  client.send(get("/echo"));
  client.shut_sending();

  EXPECT_EQ(client.read().status, 200);
}

TEST(Answers, to_an_unknown_path_are_a_problem) {
  Server server;
  Client client(server.port());

  Reply reply = client.ask(get("/nowhere"));

  EXPECT_EQ(reply.status, 404);
  EXPECT_TRUE(reply.has("\r\nContent-Type: application/problem+json\r\n"));
  auto body = engine::parse_json(reply.body).value;
  EXPECT_EQ(body["type"], "/problems/not-found");
  EXPECT_EQ(body["status"], 404);
  EXPECT_TRUE(body.contains("title") && body.contains("detail"));
}

TEST(Answers, of_a_failing_route_hide_why) {
  Server server;
  Client client(server.port());

  for (const char* path : {"/throw", "/throw-int", "/park-and-throw"}) {
    Reply reply = client.ask(get(path));
    EXPECT_EQ(reply.status, 500) << path;
    EXPECT_EQ(engine::parse_json(reply.body).value["type"], "/problems/internal-error") << path;
    EXPECT_EQ((reply.head + reply.body).find("hunter2"), std::string::npos) << path;
  }
}

TEST(Answers, say_when_the_queue_is_full) {
  Server server({.workers = 1, .queue_max = 2});
  Client in_work(server.port());
  in_work.send(get("/block"));
  ASSERT_TRUE(server.await_blocked(1));

  std::vector<std::unique_ptr<Client>> more;
  int refused = 0;
  for (int i = 0; i < 3; ++i) {
    more.push_back(std::make_unique<Client>(server.port()));
    more.back()->send(get("/block"));
  }
  for (auto& client : more)
    if (Reply reply = client->read(500ms); reply.status != 0) {
      EXPECT_EQ(reply.status, 503);
      EXPECT_TRUE(reply.has("\r\nRetry-After: 1\r\n"));
      ++refused;
    }

  EXPECT_EQ(refused, 1);
}

TEST(Answers, beyond_the_connection_cap_say_so) {
  Server server({.connections_max = 2});
  Client first(server.port()), second(server.port());
  ASSERT_EQ(first.ask(get("/echo")).status, 200);
  ASSERT_EQ(second.ask(get("/echo")).status, 200);

  Client third(server.port());
  Reply reply = third.read();

  EXPECT_EQ(reply.status, 503);
  EXPECT_TRUE(reply.has("\r\nRetry-After: 1\r\n"));
  EXPECT_EQ(first.ask(get("/echo")).status, 200);
}

TEST(Front, does_not_share_its_port) {
  Server server;
  Router router;
  Front second({.port = server.port()}, router);

  EXPECT_THROW(second.start(), std::system_error);
}

}  // namespace
}  // namespace amends::rest
