// A participant that sends anything at all in answer to a request, over a real connection and libcurl.
#include <arpa/inet.h>
#include <strings.h>
#include <unistd.h>

#include <mutex>
#include <thread>

#include "adapters/effect/http/call.hpp"
#include "tests/fuzz/reply.hpp"

namespace amends::fuzz {
namespace {

// Serves one connection after the other: reads a request, sends what it was told, closes.
class Liar {
 public:
  Liar() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    AMENDS_HOLDS(
        ::bind(listener_, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0 && ::listen(listener_, 16) == 0,
        "a port is free");
    socklen_t size = sizeof at;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size);
    port_ = ntohs(at.sin_port);
    std::thread([this] { serve(); }).detach();
  }

  std::uint16_t port() const { return port_; }
  // What the next connection hears.
  void say(std::string_view words) {
    const std::lock_guard lock(mutex_);
    words_ = words;
  }

 private:
  void serve() {
    char chunk[4096];
    for (;;) {
      const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) continue;
      std::string seen;
      while (!seen.ends_with("\r\n\r\n{}")) {
        const ssize_t n = ::recv(fd, chunk, sizeof chunk, 0);
        if (n <= 0) break;
        seen.append(chunk, static_cast<std::size_t>(n));
      }
      const std::string words = said();
      ::send(fd, words.data(), words.size(), MSG_NOSIGNAL);
      ::shutdown(fd, SHUT_WR);
      while (::recv(fd, chunk, sizeof chunk, 0) > 0) {
      }
      ::close(fd);
    }
  }

  std::string said() {
    const std::lock_guard lock(mutex_);
    return words_;
  }

  int listener_;
  std::uint16_t port_ = 0;
  std::mutex mutex_;  // guards the words
  std::string words_;
};

http::HttpEndpoint endpoint_at(std::uint16_t port) {
  http::HttpEndpoint out;
  out.name = "shop";
  out.base_url = "http://127.0.0.1:" + std::to_string(port);
  out.facts.idempotency = engine::Idempotency::none;  // a connection an attempt
  out.allow_private = {"127.0.0.0/8"};
  out.response_bytes_max = 512;
  return out;
}

engine::Attempt an_attempt() {
  engine::Attempt out;
  out.saga = engine::SagaId::make(engine::from_micros(1'700'000'000'000'000), 7, 42);
  out.step_name = "reserve-stock";
  out.key = out.saga.text() + "/reserve-stock/run/1";
  out.request = std::make_shared<engine::Request>(
      engine::Request{"http", "shop", R"({"body":{},"method":"POST","path":"/x"})"});
  out.timeout = std::chrono::seconds(8);
  return out;
}

}  // namespace

AMENDS_FUZZ_TARGET(http_wire) {
  constexpr auto now = std::chrono::sys_days(std::chrono::year(2026) / 11 / 25);
  static Liar& liar = *new Liar;  // its thread lives as long as the process
  static http::Endpoint endpoint(endpoint_at(liar.port()), {});
  static const std::function<engine::WallTime()> wall = [] { return engine::WallTime{}; };
  static const http::HttpOptions options;
  static http::Call call(endpoint, options, wall);
  liar.say(input);

  const engine::Attempt attempt = an_attempt();
  const http::RequestData request = http::parse_request(attempt.request->body);
  call.prepare({attempt, nullptr}, request, "");
  const http::Exchange exchange = call.finish(curl_easy_perform(call.handle()));

  AMENDS_HOLDS(exchange.body.size() <= 512, "a reply keeps its bound");
  if (exchange.ending == http::Ending::replied)
    AMENDS_HOLDS(
        strncasecmp(input.data(), "HTTP/", 5) == 0 && exchange.status >= 100 && exchange.status <= 999,
        "a reply is HTTP, in whichever case");
  const engine::Reply reply = http::classify(exchange, endpoint.policy, now);
  hold_reply(exchange.ending, reply);
  AMENDS_HOLDS(reply.outcome != engine::Outcome::transient || exchange.ending == http::Ending::replied,
               "what was sent may have happened, unless the participant says otherwise");
}

}  // namespace amends::fuzz
