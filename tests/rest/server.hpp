// A front with a few routes, on a free port.
#pragma once
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "apps/amendsd/rest/front/front.hpp"
#include "tests/rest/client.hpp"

namespace amends::rest {

// Routes:  GET /echo     the method, path, parameters and X-Echo header as seen by a route
//          POST /echo    the body
//          GET /large    16 MiB
//          GET /things/([^/]+)/end
//          GET /throw, /throw-int
//          GET /block    holds its worker until release_blocked()
//          GET /park     parks; see parked()
//          GET /park-for parks with a deadline of 100 ms and an on_timeout
//          GET /park-for-long   the same with an hour
//          GET /drop     parks and forgets
class Server {
 public:
  explicit Server(FrontOptions options = {});
  ~Server();

  std::uint16_t port() const { return front_.port(); }
  void stop() { front_.stop(); }
  // Waits until `count` requests are parked or blocked, at most ten seconds; false when they did not come.
  bool await_parked(std::size_t count);
  bool await_blocked(std::size_t count);
  std::vector<Parked> parked();
  void release_blocked();

 private:
  void add_parking_routes();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Parked> parked_;
  std::size_t blocked_ = 0;
  bool released_ = false;
  Router router_;
  Front front_;
};

}  // namespace amends::rest
