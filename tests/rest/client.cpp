#include "tests/rest/client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <stdexcept>

namespace amends::rest {

using Clock = std::chrono::steady_clock;

Client::Client(std::uint16_t port, int receive_buffer)
    : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (receive_buffer > 0) ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  timeval patience{10, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) < 0)
    throw std::runtime_error("cannot connect");
}

Client::~Client() {
  ::close(fd_);
}

bool Client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

long Client::receive(char* into, std::size_t size, Clock::time_point until) {
  auto left = std::chrono::ceil<std::chrono::milliseconds>(until - Clock::now()).count();
  pollfd waiting{fd_, POLLIN, 0};
  if (left <= 0 || ::poll(&waiting, 1, static_cast<int>(left)) <= 0) return -1;
  return ::recv(fd_, into, size, 0);
}

Reply Client::read(std::chrono::milliseconds patience, bool head_only) {
  auto until = Clock::now() + patience;
  char chunk[64 << 10];
  Reply reply;
  std::size_t length = 0, end = std::string::npos;
  for (;;) {
    if (end == std::string::npos && (end = rest_.find("\r\n\r\n")) != std::string::npos) {
      reply.head = rest_.substr(0, end + 4);
      reply.status = std::stoi(reply.head.substr(9, 3));
      std::size_t at = reply.head.find("Content-Length: ");
      if (at != std::string::npos && !head_only) length = std::stoul(reply.head.substr(at + 16));
      rest_.erase(0, end + 4);
    }
    if (end != std::string::npos && rest_.size() >= length) {
      reply.body = rest_.substr(0, length);
      rest_.erase(0, length);
      return reply;
    }
    long n = receive(chunk, sizeof chunk, until);
    if (n <= 0) return {};
    rest_.append(chunk, static_cast<std::size_t>(n));
  }
}

bool Client::ended(std::chrono::milliseconds patience) {
  char byte;
  return receive(&byte, 1, Clock::now() + patience) == 0;
}

void Client::shut_sending() {
  ::shutdown(fd_, SHUT_WR);
}

void Client::reset() {
  linger hard{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  ::close(fd_);
  fd_ = -1;
}

std::string get(std::string_view path) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
}

std::string post(std::string_view path, std::string_view body) {
  return "POST " + std::string(path) +
         " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

std::size_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::size_t size = 0, resident = 0;
  statm >> size >> resident;
  return resident * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

}  // namespace amends::rest
