#include "apps/amendsd/rest/front/connection.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace amends::rest {

Connection::~Connection() {
  if (pending) pending->settle();
  ::close(fd);
}

bool Connection::send() {
  while (!sent()) {
    ssize_t n = ::send(fd, out.data() + out_sent, out.size() - out_sent, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n > 0)
      out_sent += static_cast<std::size_t>(n);
    else if (errno == EAGAIN || errno == EWOULDBLOCK)
      return true;
    else if (errno != EINTR)
      return false;
  }
  return true;
}

Received Connection::discard(std::size_t bytes_max) {
  constexpr std::size_t chunk = 256 << 10;
  for (std::size_t done = 0; done < bytes_max;) {
    // MSG_TRUNC on TCP drops the bytes inside the kernel (tcp(7)).
    ssize_t n = ::recv(fd, nullptr, std::min(chunk, bytes_max - done), MSG_TRUNC | MSG_DONTWAIT);
    if (n == 0) return Received::ended;
    if (n > 0)
      done += static_cast<std::size_t>(n);
    else if (errno == EAGAIN || errno == EWOULDBLOCK)
      return Received::nothing;
    else if (errno != EINTR)
      return Received::ended;
  }
  return Received::some;
}

Received Connection::peek() const {
  char byte;
  ssize_t n = ::recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  if (n > 0) return Received::some;
  if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return Received::nothing;
  return Received::ended;
}

void Connection::shut_sending() {
  ::shutdown(fd, SHUT_WR);
}

}  // namespace amends::rest
