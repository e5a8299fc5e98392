// What is known about one HTTP exchange when it is over, and the outcome that follows from it.
// docs/outcomes.md is this table in words.
#pragma once
#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/time.hpp"
#include "engine/definition/outcome.hpp"
#include "engine/definition/request.hpp"

namespace amends::http {

// How the exchange ended, as far as the wire goes.
enum class Ending : std::uint8_t {
  // No byte of the request was sent.
  not_found,         // the name does not resolve
  refused,           // nobody listens, no route
  connect_timeout,   // neither answered nor refused in time
  address_refused,   // it resolves to an address that the endpoint does not allow
  tls_failed,        // the handshake failed
  tls_untrusted,     // the certificate does not prove who they are
  not_sent_in_time,  // it waited past its not_after for its turn or a connection
  lease_lost,        // another engine may own the saga by now
  no_credential,     // the bearer reference names nothing
  stopping,          // the adapter stops
  not_sent,          // anything else, before the first byte
  // At least one byte was sent.
  timeout,
  connection_lost,  // before, within or instead of a reply
  reply_broken,     // not HTTP
  headers_too_large,
  reply_too_large,
  stopped,  // the adapter stopped and would not wait
  replied,  // a whole reply; the status decides
};

struct EndingRow {
  Ending ending;
  engine::Outcome outcome;
  const char* error_class;
  const char* sentence;
};

// One status or a range of them.
struct StatusRow {
  int first, last;
  engine::Outcome outcome;
  const char* why;
};

// Indexed by Ending, `replied` left out.
const std::array<EndingRow, 17>& ending_rows();
// The first row that holds the status decides; together they hold 100 to 599.
const std::vector<StatusRow>& status_rows();

struct Exchange {
  Ending ending = Ending::not_sent;
  engine::Direction direction = engine::Direction::run;
  int status = 0;
  std::string body;
  bool body_cut = false;    // longer than the endpoint allows; the rest was not read
  std::string barrier;      // the header Amends-Barrier
  std::string retry_after;  // the header Retry-After
  std::string detail;       // what the library says about a failure, for people
};

struct StatusPolicy {
  std::vector<int> refused_means_not_done;
  bool undo_absent_is_done = false;
  engine::Millis retry_after_max{3'600'000};
};

engine::Reply classify(const Exchange& exchange, const StatusPolicy& policy, engine::WallTime now);

// Both forms of RFC 9110, section 10.2.3: seconds, or a date; never negative. Nothing when it is neither.
std::optional<engine::Millis> parse_retry_after(std::string_view value, engine::WallTime now,
                                                engine::Millis limit);

}  // namespace amends::http
