// Bytes over a connection to a real front, in pieces: what reaches the routes is what the bytes say, one
// request after the other, and all that comes back is whole answers. The first byte says into how many
// pieces.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <unistd.h>

#include <mutex>

#include "apps/amendsd/rest/front/front.hpp"
#include "engine/base/json.hpp"
#include "tests/fuzz/bytes.hpp"
#include "tests/fuzz/target.hpp"

namespace amends::fuzz {
namespace {

struct Seen {
  std::string method, body;
  bool operator==(const Seen&) const = default;
};

class Server {
 public:
  Server() : front_(options(), router_) {
    // Called for every request, also for one that no route takes.
    router_.set_logger([this](const httplib::Request& request, const httplib::Response&) {
      const std::lock_guard lock(mutex_);
      seen_.push_back({request.method, request.body});
    });
    const auto answer = [](const httplib::Request& request, httplib::Response& response) {
      response.set_content(engine::canonical(engine::Json(request.path.size())), "application/json");
    };
    router_.Get("/v1/sagas/([^/]+)", answer);
    router_.Post("/v1/sagas", answer);
    front_.start();
  }
  ~Server() { front_.stop(); }

  std::uint16_t port() const { return front_.port(); }
  std::vector<Seen> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(seen_, {});
  }

 private:
  static rest::FrontOptions options() {
    rest::FrontOptions out;
    out.workers = 1;
    out.linger = std::chrono::milliseconds(200);
    return out;
  }
  rest::Router router_;
  std::mutex mutex_;
  std::vector<Seen> seen_;
  rest::Front front_;
};

// Everything that came back until the other side was done.
std::string talk(std::uint16_t port, std::string_view bytes, std::size_t pieces) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int at_once = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
  AMENDS_HOLDS(::connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0,
               "the front takes connections");
  for (std::size_t i = 0; i < pieces; ++i) {
    const std::size_t size = i + 1 == pieces ? bytes.size() : bytes.size() / 2;
    if (size > 0 && ::send(fd, bytes.data(), size, MSG_NOSIGNAL) < 0) break;  // it has closed already
    bytes.remove_prefix(size);
  }
  ::shutdown(fd, SHUT_WR);
  std::string out;
  char chunk[4096];
  for (;;) {
    pollfd waiting{fd, POLLIN, 0};
    AMENDS_HOLDS(::poll(&waiting, 1, 20'000) == 1, "a client that is done is not kept waiting");
    const ssize_t n = ::recv(fd, chunk, sizeof chunk, 0);
    if (n <= 0) break;
    out.append(chunk, static_cast<std::size_t>(n));
  }
  ::close(fd);
  return out;
}

// One after the other, as the strict reader sees them in the bytes.
std::vector<Seen> requests_in(std::string_view bytes) {
  std::vector<Seen> out;
  for (;;) {
    const auto parsed = rest::parse_head(bytes, {});
    const auto* request = std::get_if<rest::Request>(&parsed);
    if (request == nullptr || bytes.size() < request->head_bytes + request->content_length) return out;
    out.push_back({request->method, std::string(bytes.substr(request->head_bytes, request->content_length))});
    bytes.remove_prefix(request->head_bytes + request->content_length);
  }
}

std::size_t hold_answers(std::string_view bytes, const std::vector<Seen>& seen) {
  std::size_t count = 0;
  while (!bytes.empty()) {
    const auto end = bytes.find("\r\n\r\n");
    AMENDS_HOLDS(bytes.starts_with("HTTP/1.1 ") && end != bytes.npos, "what comes back is answers");
    const std::string_view head = bytes.substr(0, end + 4);
    const auto at = head.find("Content-Length: ");
    AMENDS_HOLDS(at != head.npos, "an answer says its length");
    std::size_t length = std::stoul(std::string(head.substr(at + 16, 12)));
    if (count < seen.size() && seen[count].method == "HEAD") length = 0;
    bytes.remove_prefix(end + 4);
    AMENDS_HOLDS(bytes.size() >= length, "an answer is whole");
    const auto body = engine::parse_json(bytes.substr(0, length));
    AMENDS_HOLDS(length == 0 || body.ok(), "and JSON");
    bytes.remove_prefix(length);
    ++count;
  }
  return count;
}

}  // namespace

AMENDS_FUZZ_TARGET(http_front) {
  static Server server;
  Bytes bytes(input);
  const std::size_t pieces = 1 + bytes.pick(3);
  const std::string_view sent = bytes.rest();
  const std::string answers = talk(server.port(), sent, pieces);
  const std::vector<Seen> seen = server.take(), said = requests_in(sent);
  AMENDS_HOLDS(seen.size() <= said.size() && std::equal(seen.begin(), seen.end(), said.begin()),
               "no request is made of another's bytes");
  AMENDS_HOLDS(hold_answers(answers, seen) <= seen.size() + 1,
               "one answer a request, and at most one refusal");
}

}  // namespace amends::fuzz
