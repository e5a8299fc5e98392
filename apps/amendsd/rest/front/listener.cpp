#include "apps/amendsd/rest/front/listener.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

namespace amends::rest {
namespace {

union Address {
  sockaddr any;
  sockaddr_in v4;
  sockaddr_in6 v6;
};

[[noreturn]] void fail(int error, const FrontOptions& options, const char* what) {
  throw std::system_error(error, std::generic_category(),
                          std::string(what) + " " + options.address + ":" + std::to_string(options.port));
}

socklen_t parse_address(const FrontOptions& options, Address& out) {
  std::memset(&out, 0, sizeof out);
  if (::inet_pton(AF_INET, options.address.c_str(), &out.v4.sin_addr) == 1) {
    out.v4.sin_family = AF_INET;
    out.v4.sin_port = htons(options.port);
    return sizeof out.v4;
  }
  if (::inet_pton(AF_INET6, options.address.c_str(), &out.v6.sin6_addr) == 1) {
    out.v6.sin6_family = AF_INET6;
    out.v6.sin6_port = htons(options.port);
    return sizeof out.v6;
  }
  fail(EINVAL, options, "not an address:");
}

Peer read_peer(const Address& from) {
  char text[INET6_ADDRSTRLEN] = "";
  if (from.any.sa_family == AF_INET) {
    ::inet_ntop(AF_INET, &from.v4.sin_addr, text, sizeof text);
    return {text, ntohs(from.v4.sin_port)};
  }
  ::inet_ntop(AF_INET6, &from.v6.sin6_addr, text, sizeof text);
  return {text, ntohs(from.v6.sin6_port)};
}

}  // namespace

Listener::Listener(const FrontOptions& options) {
  Address address;
  socklen_t size = parse_address(options, address);
  fd_ = ::socket(address.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd_ < 0) fail(errno, options, "socket for");
  int on = 1;
  ::setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(fd_, &address.any, size) < 0 || ::listen(fd_, 1024) < 0 ||
      ::getsockname(fd_, &address.any, &size) < 0) {
    int error = errno;
    close();
    fail(error, options, "cannot listen on");
  }
  port_ = ntohs(address.any.sa_family == AF_INET ? address.v4.sin_port : address.v6.sin6_port);
}

Listener::~Listener() {
  close();
}

void Listener::close() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

AcceptStatus Listener::accept(Accepted& into) {
  for (;;) {
    Address from;
    socklen_t size = sizeof from;
    int fd = ::accept4(fd_, &from.any, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd >= 0) {
      int on = 1;
      ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      into = {fd, read_peer(from)};
      return AcceptStatus::accepted;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) return AcceptStatus::none;
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
      return AcceptStatus::out_of_resources;
    // Everything else is about one client that has already gone (accept(2), "Error handling"): try the next.
  }
}

}  // namespace amends::rest
