// How the HTTP adapter and its endpoints are configured.
#pragma once
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/time.hpp"
#include "engine/definition/outcome.hpp"
#include "engine/definition/request.hpp"

namespace amends::http {

struct HttpEndpoint {
  std::string name;      // what a plan calls it
  std::string base_url;  // "https://inventory.example/api": a request's path is put behind it
  engine::EndpointFacts facts;

  engine::Millis timeout_max{60'000};  // caps what a step asks for
  std::size_t concurrency_max = 256;   // calls in flight; the rest wait in order
  double rate_per_second = 0;          // 0: no limit
  std::size_t rate_burst = 1;          // so many may go at once after a pause
  std::size_t response_bytes_max = engine::result_bytes_max;

  // Private, loopback, link-local and reserved addresses are refused unless they lie in one of these
  // ("127.0.0.0/8", "fd00::/8"). Asked of the resolved address, at every connect.
  std::vector<std::string> allow_private;

  std::vector<int> refused_means_not_done;  // 5xx that promise that nothing happened, such as 503
  bool undo_absent_is_done = false;         // 404 and 410 on an undo mean that there is nothing left to undo

  std::vector<std::pair<std::string, std::string>> headers;  // sent with every request
  std::string bearer;   // "env:NAME" or "file:/path", read when it is needed; empty: none
  std::string ca_file;  // PEM, in place of the system's authorities; empty: the system's
};

struct HttpOptions {
  std::size_t threads = 1;                    // event loops; an endpoint with many calls is spread over all
  engine::Millis connect_timeout{3'000};      // a shorter attempt timeout wins
  engine::Millis idle_max{4'000};             // an idle connection older than this is not used again
  engine::Millis retry_after_max{3'600'000};  // a participant's wish beyond it is cut
  std::function<engine::WallTime()> wall;     // the store's clock; empty: the system's
};

// What speaks against this endpoint, one sentence each; empty when it may be used.
std::vector<std::string> findings(const HttpEndpoint& endpoint);

// The address that stands in the URL itself when it is one that no call will be let through to: private, and
// in none of allow_private; "localhost" counts as 127.0.0.1. Empty for others and for a name: asks no DNS.
std::string address_never_allowed(const HttpEndpoint& endpoint);

}  // namespace amends::http
