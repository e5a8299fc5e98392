// A network that fails when a test says so: a TCP proxy before a server, usually PostgreSQL.
#pragma once
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "tests/support/fault_connection.hpp"

namespace amends::testing_support {

// PostgreSQL's Bind message of the prepared statement of that name: "when the client renews its lease" is
// {.text = statement_sent("tend")}.
std::string statement_sent(const std::string& name);

// Any thread. The connections are served by a thread of its own.
class FaultProxy {
 public:
  // Where the server listens: the path of a unix socket. It need not listen yet.
  explicit FaultProxy(std::string server_socket);
  ~FaultProxy();
  FaultProxy(const FaultProxy&) = delete;
  FaultProxy& operator=(const FaultProxy&) = delete;

  // On 127.0.0.1; the same as long as the proxy lives, also while it refuses.
  std::uint16_t port() const { return port_; }
  // As PostgresServer::url(), through the proxy.
  std::string url(const std::string& database, const std::string& user = "postgres") const;

  // Once, on the first connection that comes to the point. The one before it is forgotten.
  void arm(FaultPoint point, FaultAction action);
  void disarm();
  // Until the armed fault has happened: for a cut and a swallowed answer, until both sides are closed.
  // False when it does not within a generous time.
  bool wait_for_fault(std::chrono::milliseconds limit = std::chrono::seconds(30));

  // These hold until they are taken back, for connections that are and for those that come.
  void refuse(bool on);  // new connections get ECONNREFUSED
  void stall(bool on);   // false also lets go on what a fault has stalled
  // Each piece is passed on so much later than it came.
  void delay(std::chrono::milliseconds time);

  void cut_all();
  std::size_t accepted() const;  // connections, ever

 private:
  void run();
  void listen_locked();
  void accept_locked();
  void serve_locked();
  void wake() const;

  const std::string server_socket_;
  int port_holder_ = -1;  // bound and never listening: nobody else gets the port while we refuse
  int wake_read_ = -1, wake_write_ = -1;
  std::uint16_t port_ = 0;

  mutable std::mutex mutex_;  // guards the rest
  std::condition_variable changed_;
  int listener_ = -1;
  std::list<std::unique_ptr<FaultConnection>> open_;
  std::optional<ArmedFault> armed_;
  bool has_happened_ = false, is_stalled_ = false, is_over_ = false;
  std::chrono::milliseconds delay_{0};
  std::size_t accepted_ = 0;
  std::thread thread_;
};

}  // namespace amends::testing_support
