// The strict HTTP front of amendsd: the only thing that reads from the network.
//
//   Router router;                                    // router.hpp: routes are cpp-httplib's
//   router.Get("/livez", [](const httplib::Request&, httplib::Response& res) { res.set_content("{}",
//   "application/json"); }); router.Post("/v1/sagas", [&](const httplib::Request& req, httplib::Response&) {
//     Parked parked = current_exchange().park();      // exchange.hpp: answered later, by any thread
//     engine.start(parse(req.body), [parked](Started s) { parked.answer(201, s.json()); });
//   });
//   Front front({.port = 7425}, router);
//   front.start();
//
// A handler sees a complete request that passed head.hpp; it never sees a client's pace. Refusals are
// problem(...) of answer.hpp, before and behind the router.
#pragma once
#include <cstdint>
#include <memory>
#include <stdexcept>

#include "apps/amendsd/rest/front/exchange.hpp"
#include "apps/amendsd/rest/front/options.hpp"
#include "apps/amendsd/rest/front/router.hpp"

namespace amends::rest {

// The system gives no further thread; what() is a sentence for the operator.
struct NoThread : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class Front {
 public:
  // `router` outlives the front, and gets no more routes once it started.
  Front(FrontOptions options, Router& router);
  ~Front();  // stops
  Front(const Front&) = delete;
  Front& operator=(const Front&) = delete;

  // Binds, listens, and serves on threads of its own. Throws std::system_error when the port is taken,
  // NoThread when there are not enough threads; then nothing of it runs. Once.
  void start();
  // The port it listens on, known once started.
  std::uint16_t port() const;
  // Accepts nothing more; answers what is in work, at most options.drain long: who waits with a deadline gets
  // its on_timeout answer at once, and what is unanswered at the end a 503. Then closes. Safe twice; one
  // thread.
  void stop();

 private:
  struct Running;
  const FrontOptions options_;
  Router& router_;
  std::unique_ptr<Running> running_;
};

}  // namespace amends::rest
