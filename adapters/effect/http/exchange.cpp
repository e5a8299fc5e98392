#include "adapters/effect/http/exchange.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>

#include "engine/base/check.hpp"
#include "engine/base/json.hpp"
#include "engine/base/text.hpp"

namespace amends::http {
namespace {

using engine::Millis;
using engine::Outcome;
using engine::Reply;

// Outcome, class, and the sentence for people. The order is that of Ending.
constexpr std::array<EndingRow, 17> endings{{
    {Ending::not_found, Outcome::transient, "dns", "the host name does not resolve"},
    {Ending::refused, Outcome::transient, "refused", "the connection was refused"},
    {Ending::connect_timeout, Outcome::transient, "connect_timeout", "nobody answered the connect in time"},
    // Rejected would undo the saga for what is a mistake in the configuration; so it waits, visibly.
    {Ending::address_refused, Outcome::transient, "address_refused",
     "allow_private of this endpoint does not hold the private address that it resolves to"},
    {Ending::tls_failed, Outcome::transient, "tls", "the TLS handshake failed"},
    {Ending::tls_untrusted, Outcome::transient, "tls_untrusted", "its certificate is not trusted"},
    {Ending::not_sent_in_time, Outcome::transient, "not_sent_in_time",
     "it waited past its time for its turn and was not sent"},
    {Ending::lease_lost, Outcome::transient, "lease_lost",
     "the engine's lease was over before it was sent: another engine may send it"},
    {Ending::no_credential, Outcome::transient, "no_credential",
     "the endpoint's credential cannot be read: its bearer must name a variable or a regular file with one "
     "token"},
    {Ending::stopping, Outcome::transient, "stopping", "the engine stops; nothing was sent"},
    {Ending::not_sent, Outcome::transient, "not_sent", "nothing was sent"},
    {Ending::timeout, Outcome::unknown, "timeout", "no whole reply in time"},
    {Ending::connection_lost, Outcome::unknown, "connection_lost", "the connection broke after sending"},
    {Ending::reply_broken, Outcome::unknown, "reply_broken", "the reply is not HTTP"},
    {Ending::headers_too_large, Outcome::unknown, "headers_too_large", "the reply's headers do not end"},
    {Ending::reply_too_large, Outcome::unknown, "reply_too_large",
     "the reply is larger than the endpoint allows"},
    {Ending::stopped, Outcome::unknown, "stopped", "the engine stopped before the reply came"},
}};
static_assert([] {
  for (std::size_t i = 0; i < endings.size(); ++i)
    if (static_cast<std::size_t>(endings[i].ending) != i) return false;
  return endings.size() == static_cast<std::size_t>(Ending::replied);
}());

bool is_absent(int status) {
  return status == 404 || status == 410;
}

// A participant's own words: problem+json's detail or title, or the text itself when it is short.
std::string words_of(const std::string& body, bool cut) {
  if (!cut) {
    const auto parsed = engine::parse_json(body);
    if (parsed.ok() && parsed.value.is_object()) {
      for (const char* member : {"detail", "title", "error", "message"})
        if (const auto it = parsed.value.find(member); it != parsed.value.end() && it->is_string())
          return it->get<std::string>();
    }
  }
  return body.substr(0, 512);
}

std::string sentence(std::string first, const std::string& more) {
  if (!more.empty()) first += ": " + more;
  // Cut before it is made visible as well, so that a large body is not walked over.
  return engine::shorten(engine::escape_controls(engine::shorten(first, engine::error_bytes_max)),
                         engine::error_bytes_max);
}

Reply done(const Exchange& exchange, const std::string& answered) {
  Reply reply;
  reply.answered = true;
  reply.empty_undo = exchange.direction == engine::Direction::undo && exchange.barrier == "empty_undo";
  if (!exchange.body.empty()) {
    auto parsed = engine::parse_json(exchange.body, {.bytes_max = engine::result_bytes_max});
    if (!parsed.ok()) {
      reply.error_class = "reply_not_json";
      reply.error = sentence(answered + ", but the reply is " + parsed.error, "");
      reply.empty_undo = false;
      return reply;
    }
    reply.result = engine::canonical(parsed.value);
  }
  reply.outcome = Outcome::done;
  return reply;
}

Outcome outcome_of(int status, const StatusPolicy& policy) {
  if (std::ranges::find(policy.refused_means_not_done, status) != policy.refused_means_not_done.end())
    return Outcome::transient;
  for (const auto& row : status_rows())
    if (status >= row.first && status <= row.last) return row.outcome;
  return Outcome::unknown;
}

}  // namespace

const std::array<EndingRow, 17>& ending_rows() {
  return endings;
}

const std::vector<StatusRow>& status_rows() {
  static const std::vector<StatusRow> rows = {
      {100, 199, Outcome::unknown, "an interim answer without a final one"},
      {200, 299, Outcome::done, "it happened; the body is the result"},
      {300, 399, Outcome::unknown,
       "redirects are not followed: a request goes where it was configured to go"},
      {401, 401, Outcome::transient, "credentials are checked first: it did not happen"},
      {407, 407, Outcome::transient, "the same, by a proxy"},
      {408, 408, Outcome::unknown, "they timed out, and may have begun"},
      {421, 421, Outcome::transient, "misdirected: this server did not take it"},
      {425, 425, Outcome::transient, "too early: it was not processed"},
      {429, 429, Outcome::transient, "too many: not now"},
      {400, 499, Outcome::rejected, "a business answer: it did not and will not happen"},
      {500, 599, Outcome::unknown, "it may have happened before the failure"},
  };
  return rows;
}

std::optional<Millis> parse_retry_after(std::string_view value, engine::WallTime now, Millis limit) {
  while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.remove_suffix(1);
  if (value.empty() || value.size() > 64) return std::nullopt;
  Millis wait{0};
  if (value.find_first_not_of("0123456789") == value.npos) {
    std::int64_t seconds = 0;
    const auto read = std::from_chars(value.data(), value.data() + value.size(), seconds);
    // So many digits that they overflow still mean "later than you like".
    if (read.ec != std::errc() || seconds > limit.count() / 1000) return limit;
    wait = std::chrono::seconds(seconds);
  } else {
    const std::time_t at = curl_getdate(std::string(value).c_str(), nullptr);
    if (at == -1) return std::nullopt;
    // In seconds, of which a participant's date may be more than there are microseconds.
    const std::int64_t seconds =
        at - std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
    if (seconds > limit.count() / 1000) return limit;
    wait = std::chrono::seconds(std::max<std::int64_t>(seconds, 0));
  }
  return std::clamp(wait, Millis{0}, limit);
}

Reply classify(const Exchange& exchange, const StatusPolicy& policy, engine::WallTime now) {
  Reply reply;
  if (exchange.ending != Ending::replied) {
    const auto& row = endings[static_cast<std::size_t>(exchange.ending)];
    reply.outcome = row.outcome;
    reply.error_class = row.error_class;
    reply.error = sentence(row.sentence, exchange.detail);
    return reply;
  }
  reply.answered = true;
  const std::string answered = "answered " + std::to_string(exchange.status);
  // The barrier speaks for the participant's database, so it comes before the status.
  if (exchange.barrier == "fenced" || exchange.barrier == "expired") {
    reply.outcome = exchange.barrier == "fenced" ? Outcome::rejected : Outcome::transient;
    reply.error_class = exchange.barrier;
    reply.error = sentence("the barrier " + answered, words_of(exchange.body, exchange.body_cut));
    return reply;
  }
  if (exchange.direction == engine::Direction::undo && policy.undo_absent_is_done &&
      is_absent(exchange.status)) {
    reply.outcome = Outcome::done;
    return reply;
  }
  reply.outcome = outcome_of(exchange.status, policy);
  if (reply.outcome == Outcome::done) return done(exchange, answered);
  reply.error_class = "http_" + std::to_string(exchange.status);
  reply.error = sentence(answered, words_of(exchange.body, exchange.body_cut));
  if (reply.outcome != Outcome::rejected)
    reply.retry_after = parse_retry_after(exchange.retry_after, now, policy.retry_after_max);
  return reply;
}

}  // namespace amends::http
