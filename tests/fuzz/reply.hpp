// What holds for every reply, whichever way it came.
#pragma once
#include "adapters/effect/http/exchange.hpp"
#include "engine/base/json.hpp"
#include "engine/definition/outcome.hpp"
#include "tests/fuzz/target.hpp"

namespace amends::fuzz {

inline constexpr engine::Millis wish_max{3'600'000};

inline void hold_reply(http::Ending ending, const engine::Reply& reply) {
  using engine::Outcome;
  using http::Ending;
  AMENDS_HOLDS(is_sentence(reply.error, engine::error_bytes_max),
               "what went wrong fits the journal, and can be printed");
  AMENDS_HOLDS(is_sentence(reply.error_class, engine::error_class_bytes_max), "its class is short");
  AMENDS_HOLDS((reply.outcome == Outcome::done) == reply.error_class.empty(),
               "what was not done has a class");
  if (reply.outcome == Outcome::done) {
    AMENDS_HOLDS(ending == Ending::replied, "only a reply says that it was done");
    const auto result = engine::parse_json(reply.result);
    AMENDS_HOLDS(result.ok() && engine::canonical(result.value) == reply.result,
                 "a result is canonical JSON");
  }
  if (reply.outcome == Outcome::rejected)
    AMENDS_HOLDS(ending == Ending::replied && reply.answered, "only a reply says that it will not be done");
  if (ending == Ending::timeout || ending == Ending::connection_lost)
    AMENDS_HOLDS(reply.outcome == Outcome::unknown, "what may have happened is unknown");
  if (reply.retry_after)
    AMENDS_HOLDS(reply.retry_after->count() >= 0 && *reply.retry_after <= wish_max, "a wish keeps its bound");
}

}  // namespace amends::fuzz
