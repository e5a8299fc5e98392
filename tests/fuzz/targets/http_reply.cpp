// What came back over HTTP, and what the engine makes of it. First lines: how it ended, the status, the
// barrier's word, Retry-After; the rest is the body.
#include "tests/fuzz/bytes.hpp"
#include "tests/fuzz/reply.hpp"

namespace amends::fuzz {
namespace {

using http::Ending;

constexpr auto now = std::chrono::sys_days(std::chrono::year(2026) / 11 / 25);

http::Exchange drawn_exchange(Bytes& bytes) {
  http::Exchange out;
  const std::size_t ending = bytes.byte();
  // Mostly a reply.
  out.ending =
      ending < static_cast<std::size_t>(Ending::replied) ? static_cast<Ending>(ending) : Ending::replied;
  out.direction = bytes.flag() ? engine::Direction::undo : engine::Direction::run;
  out.body_cut = bytes.pick(8) == 1;
  static constexpr std::array<int, 16> statuses{200, 201, 204, 400, 401, 404, 409, 410,
                                                422, 429, 500, 502, 503, 504, 302, 100};
  out.status = bytes.flag() ? static_cast<int>(bytes.number() % 1'000) : bytes.one_of(statuses);
  out.barrier = std::string(bytes.line().substr(0, 64));
  out.retry_after = std::string(bytes.line().substr(0, 64));
  out.body = bytes.rest();
  if (out.ending != Ending::replied) out.detail = out.body;
  return out;
}

}  // namespace

AMENDS_FUZZ_TARGET(http_reply) {
  Bytes bytes(input);
  http::StatusPolicy policy;
  policy.undo_absent_is_done = bytes.flag();
  if (bytes.flag()) policy.refused_means_not_done = {503};
  policy.retry_after_max = wish_max;
  const http::Exchange exchange = drawn_exchange(bytes);
  const engine::Reply reply = http::classify(exchange, policy, now);
  hold_reply(exchange.ending, reply);
  AMENDS_HOLDS(http::classify(exchange, policy, now) == reply, "the same exchange is judged the same");
  if (const auto wait = http::parse_retry_after(exchange.retry_after, now, wish_max))
    AMENDS_HOLDS(wait->count() >= 0 && *wait <= wish_max, "a wait is never negative nor beyond its bound");
}

}  // namespace amends::fuzz
