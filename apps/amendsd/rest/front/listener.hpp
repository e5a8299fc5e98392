// The listening socket.
#pragma once
#include <cstdint>
#include <optional>

#include "apps/amendsd/rest/front/options.hpp"
#include "apps/amendsd/rest/front/router.hpp"

namespace amends::rest {

struct Accepted {
  int fd = -1;
  Peer peer;
};

enum class AcceptStatus { accepted, none, out_of_resources };

// One thread.
class Listener {
 public:
  // Binds and listens; throws std::system_error, also when another server listens there: SO_REUSEADDR only,
  // because SO_REUSEPORT lets two servers share the port unnoticed.
  explicit Listener(const FrontOptions& options);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // Non-blocking; the socket is non-blocking with TCP_NODELAY.
  AcceptStatus accept(Accepted& into);
  void close();
  int fd() const { return fd_; }
  std::uint16_t port() const { return port_; }

 private:
  int fd_ = -1;
  std::uint16_t port_ = 0;
};

}  // namespace amends::rest
