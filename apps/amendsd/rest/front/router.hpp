// cpp-httplib as the router behind the front: its routes, without its sockets.
//
// Debian's 0.11.4 is a compiled library with known weaknesses in reading requests and in framing answers.
// Here it does neither: it sees a request line that was checked, headers that were parsed, a body of known
// length, and its answer is taken as a value. Without listen() its content providers write nothing: answers
// are complete strings.
#pragma once
#include <httplib.h>

#include <string>

#include "apps/amendsd/rest/front/exchange.hpp"
#include "apps/amendsd/rest/front/head.hpp"

namespace amends::rest {

struct Peer {
  std::string address;
  int port = 0;
};

// Add routes (Get, Post, ...; a handler sets res.status and res.set_content, or parks) before the front
// starts. The exception, error and post-routing handlers are taken: a route that throws is a 500 without the
// exception's text, an unknown path a 404, each as a problem. Any thread once the routes stand.
class Router : public httplib::Server {
 public:
  Router();

  // Runs the route and answers through `exchange`, unless the route parked.
  void serve(Request request, const Peer& peer, Exchange& exchange);
};

// Puts an Answer into a handler's response, for a route that answers at once.
void put(Answer answer, httplib::Response& into);

}  // namespace amends::rest
