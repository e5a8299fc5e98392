#include "tests/support/scripted_participant.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

#include "engine/base/check.hpp"

namespace amends::tests {

struct ScriptedParticipant::Connection {
  int socket = -1;
  std::size_t number = 0;
  std::string in, out;
  Script script;
  std::size_t endless_sent = 0;
  bool held = false, ended = false;

  bool has_output() const { return !out.empty() || endless_sent < script.endless_max; }
};

std::string SeenRequest::header(const std::string& name) const {
  for (const auto& [key, value] : headers)
    if (strcasecmp(key.c_str(), name.c_str()) == 0) return value;
  return {};
}

Script reply(int status, const std::string& body, const std::string& headers) {
  Script out;
  out.bytes = "HTTP/1.1 " + std::to_string(status) +
              " Scripted\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + headers + "\r\n" +
              body;
  return out;
}

ScriptedParticipant::ScriptedParticipant(Handler handler, std::string greeting)
    : handler_(std::move(handler)), greeting_(std::move(greeting)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  wake_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* plain = reinterpret_cast<sockaddr*>(&address);
  AMENDS_CHECK(bind(listener_, plain, size) == 0 && listen(listener_, 4096) == 0,
               "no port for the participant");
  AMENDS_CHECK(getsockname(listener_, plain, &size) == 0, "the participant's port cannot be read");
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { run(); });
}

ScriptedParticipant::~ScriptedParticipant() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake();
  thread_.join();
  for (auto& [socket, connection] : open_) close(socket);
  close(listener_);
  close(wake_);
}

void ScriptedParticipant::wake() const {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = write(wake_, &one, sizeof one);
}

std::vector<SeenRequest> ScriptedParticipant::requests() const {
  const std::lock_guard lock(mutex_);
  return seen_;
}

std::size_t ScriptedParticipant::connections() const {
  const std::lock_guard lock(mutex_);
  return accepted_;
}

bool ScriptedParticipant::wait_for_requests(std::size_t count, std::chrono::seconds limit) const {
  std::unique_lock lock(mutex_);
  return seen_changed_.wait_for(lock, limit, [&] { return seen_.size() >= count; });
}

void ScriptedParticipant::release(Script script) {
  {
    const std::lock_guard lock(mutex_);
    releasing_ = true;
    release_ = std::move(script);
  }
  wake();
}

void ScriptedParticipant::accept_all() {
  for (;;) {
    const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (socket < 0) return;
    const std::lock_guard lock(mutex_);
    auto& connection = open_[socket];
    connection.socket = socket;
    connection.number = ++accepted_;
    connection.out = greeting_;
    write_some(connection);
  }
}

void ScriptedParticipant::read_some(Connection& connection) {
  char buffer[16384];
  const auto bytes = recv(connection.socket, buffer, sizeof buffer, 0);
  if (bytes <= 0) {
    connection.ended = bytes == 0 || (errno != EAGAIN && errno != EINTR);
    return;
  }
  connection.in.append(buffer, static_cast<std::size_t>(bytes));
  while (!connection.held && take_request(connection)) {
  }
}

// Takes one whole request off the input and plays what the handler says.
bool ScriptedParticipant::take_request(Connection& connection) {
  const auto head_end = connection.in.find("\r\n\r\n");
  if (head_end == std::string::npos) return false;
  SeenRequest request;
  request.connection = connection.number;
  std::size_t at = connection.in.find("\r\n");
  const std::string first = connection.in.substr(0, at);
  const auto blank = first.find(' ');
  request.method = first.substr(0, blank);
  request.target = first.substr(blank + 1, first.rfind(' ') - blank - 1);
  while (at < head_end) {
    const auto start = at + 2;
    at = connection.in.find("\r\n", start);
    const auto line = connection.in.substr(start, at - start);
    const auto colon = line.find(':');
    const auto value = line.find_first_not_of(' ', colon + 1);
    request.headers.emplace_back(line.substr(0, colon), value == std::string::npos ? "" : line.substr(value));
  }
  const auto length = request.header("Content-Length");
  const std::size_t body_bytes = length.empty() ? 0 : std::stoul(length);
  if (connection.in.size() < head_end + 4 + body_bytes) return false;
  request.body = connection.in.substr(head_end + 4, body_bytes);
  connection.in.erase(0, head_end + 4 + body_bytes);

  Script script = handler_(request);
  {
    const std::lock_guard lock(mutex_);
    seen_.push_back(std::move(request));
    if (script.hold && releasing_) script = release_;
  }
  seen_changed_.notify_all();
  play(connection, std::move(script));
  return true;
}

void ScriptedParticipant::play(Connection& connection, Script script) {
  connection.out += script.bytes;
  connection.endless_sent = 0;
  connection.held = script.hold;
  connection.script = std::move(script);
  write_some(connection);
}

void ScriptedParticipant::write_some(Connection& connection) {
  const auto& script = connection.script;
  while (connection.has_output()) {
    if (connection.out.empty()) {
      connection.out = script.endless;
      connection.endless_sent += script.endless.size();
    }
    const auto bytes = send(connection.socket, connection.out.data(), connection.out.size(), MSG_NOSIGNAL);
    if (bytes < 0) {
      connection.ended = connection.ended || (errno != EAGAIN && errno != EINTR);
      return;
    }
    connection.out.erase(0, static_cast<std::size_t>(bytes));
  }
  if (script.reset) {
    const linger now{1, 0};
    setsockopt(connection.socket, SOL_SOCKET, SO_LINGER, &now, sizeof now);
  }
  connection.ended = connection.ended || script.close || script.reset;
}

void ScriptedParticipant::run() {
  for (;;) {
    std::vector<pollfd> sockets{{listener_, POLLIN, 0}, {wake_, POLLIN, 0}};
    for (auto& [socket, connection] : open_)
      sockets.push_back({socket, static_cast<short>(POLLIN | (connection.has_output() ? POLLOUT : 0)), 0});
    poll(sockets.data(), sockets.size(), -1);
    if (sockets[1].revents != 0) {
      std::uint64_t ignored;
      [[maybe_unused]] const auto bytes = read(wake_, &ignored, sizeof ignored);
      Script script;
      {
        const std::lock_guard lock(mutex_);
        if (stopping_) return;
        script = release_;
      }
      for (auto& [socket, connection] : open_)
        if (connection.held) play(connection, script);
    }
    for (std::size_t i = 2; i < sockets.size(); ++i) {
      auto& connection = open_[sockets[i].fd];
      if ((sockets[i].revents & POLLOUT) != 0) write_some(connection);
      if ((sockets[i].revents & (POLLIN | POLLHUP | POLLERR)) != 0) read_some(connection);
      if (connection.ended) {
        close(connection.socket);
        open_.erase(sockets[i].fd);
      }
    }
    accept_all();
  }
}

}  // namespace amends::tests
