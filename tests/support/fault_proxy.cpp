#include "tests/support/fault_proxy.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>
#include <vector>

#include "engine/base/check.hpp"

namespace amends::testing_support {
namespace {

int bound_to(std::uint16_t port) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int on = 1;
  ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  AMENDS_CHECK(::bind(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0,
               "the proxy has no port");
  return fd;
}

std::uint16_t port_of(int fd) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

// -1 when nobody listens there.
int connect_to(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  AMENDS_CHECK(path.size() < sizeof address.sun_path, "the path of the server's socket is too long");
  std::memcpy(address.sun_path, path.data(), path.size());
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    ::close(fd);
    return -1;
  }
  return fd;
}

}  // namespace

std::string statement_sent(const std::string& name) {
  return '\0' + name + '\0';
}

FaultProxy::FaultProxy(std::string server_socket) : server_socket_(std::move(server_socket)) {
  port_holder_ = bound_to(0);
  port_ = port_of(port_holder_);
  std::array<int, 2> ends{};
  AMENDS_CHECK(::pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) == 0, "the proxy has no pipe");
  wake_read_ = ends[0];
  wake_write_ = ends[1];
  listen_locked();
  thread_ = std::thread([this] { run(); });
}

FaultProxy::~FaultProxy() {
  {
    std::lock_guard lock(mutex_);
    is_over_ = true;
  }
  wake();
  thread_.join();
  for (const int fd : {listener_, port_holder_, wake_read_, wake_write_}) {
    if (fd >= 0) ::close(fd);
  }
}

std::string FaultProxy::url(const std::string& database, const std::string& user) const {
  return "postgres://" + user + "@127.0.0.1:" + std::to_string(port_) + "/" + database;
}

void FaultProxy::arm(FaultPoint point, FaultAction action) {
  std::lock_guard lock(mutex_);
  for (const auto& connection : open_) connection->forget_scan();
  armed_ = ArmedFault{std::move(point), action};
  has_happened_ = false;
}

void FaultProxy::disarm() {
  std::lock_guard lock(mutex_);
  armed_.reset();
}

bool FaultProxy::wait_for_fault(std::chrono::milliseconds limit) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, limit, [this] { return has_happened_; });
}

void FaultProxy::refuse(bool on) {
  std::lock_guard lock(mutex_);
  if (on == (listener_ < 0)) return;
  if (on) {
    // The thread's poll() holds what it waits for: a mere close() would go on listening until it wakes.
    ::shutdown(listener_, SHUT_RDWR);
    ::close(std::exchange(listener_, -1));
  } else {
    listen_locked();
  }
  wake();
}

void FaultProxy::stall(bool on) {
  std::lock_guard lock(mutex_);
  is_stalled_ = on;
  for (const auto& connection : open_) {
    if (!on) connection->resume();
  }
  wake();
}

void FaultProxy::delay(std::chrono::milliseconds time) {
  std::lock_guard lock(mutex_);
  delay_ = time;
}

void FaultProxy::cut_all() {
  std::lock_guard lock(mutex_);
  open_.clear();
  wake();
}

std::size_t FaultProxy::accepted() const {
  std::lock_guard lock(mutex_);
  return accepted_;
}

void FaultProxy::wake() const {
  // A full pipe wakes, too.
  [[maybe_unused]] const ssize_t written = ::write(wake_write_, "w", 1);
}

void FaultProxy::listen_locked() {
  listener_ = bound_to(port_);
  AMENDS_CHECK(::listen(listener_, 128) == 0, "the proxy cannot listen");
}

void FaultProxy::accept_locked() {
  while (listener_ >= 0) {
    const int client = ::accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (client < 0) return;
    const int on = 1;
    ::setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const int server = connect_to(server_socket_);
    if (server < 0) {
      ::close(client);
      continue;
    }
    ++accepted_;
    open_.push_back(std::make_unique<FaultConnection>(client, server));
  }
}

void FaultProxy::serve_locked() {
  if (is_stalled_) return;
  const auto now = FaultConnection::Clock::now();
  for (auto it = open_.begin(); it != open_.end();) {
    FaultConnection& connection = **it;
    connection.take(armed_, delay_);
    connection.pass_on(now);
    const bool is_hit = connection.take_hit(), is_over = connection.is_over();
    it = is_over ? open_.erase(it) : std::next(it);
    if (!is_hit) continue;
    has_happened_ = true;
    changed_.notify_all();
  }
}

void FaultProxy::run() {
  std::unique_lock lock(mutex_);
  while (!is_over_) {
    const auto now = FaultConnection::Clock::now();
    std::vector<pollfd> wishes = {{wake_read_, POLLIN, 0}, {listener_, POLLIN, 0}};
    auto until = now + std::chrono::hours(1);
    for (const auto& connection : open_) {
      for (const pollfd& one : connection->wishes(is_stalled_, now)) wishes.push_back(one);
      if (!is_stalled_) until = std::min(until, std::max(now, connection->next_due().value_or(until)));
    }
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(until - now);
    lock.unlock();
    ::poll(wishes.data(), wishes.size(), static_cast<int>(wait.count()));
    std::array<char, 256> ignored;
    while (::read(wake_read_, ignored.data(), ignored.size()) > 0) continue;
    lock.lock();
    accept_locked();
    serve_locked();
  }
}

}  // namespace amends::testing_support
