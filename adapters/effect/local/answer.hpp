// What the adapter itself says about an attempt, where the function has not spoken.
#pragma once
#include <array>
#include <cstdint>

#include "engine/ports/effect.hpp"

namespace amends::effect_local {

enum class Refusal : std::uint8_t {
  // The function was not called.
  unknown_endpoint,   // local has only one
  not_begun_in_time,  // it waited for a thread past its not_after
  lease_lost,         // another engine may own the saga by now
  still_running,      // an earlier attempt of this step is at work, though nobody waits for it any more
  threads_stuck,      // too many functions never came back
  stopping,
  // It was, and is perhaps still at work.
  timeout,
  stopped,
};

struct RefusalRow {
  Refusal refusal;
  engine::Outcome outcome;
  const char* error_class;
  const char* sentence;
};
// Indexed by Refusal. docs/authoring/local-steps.md is this table in words.
const std::array<RefusalRow, 8>& refusal_rows();

engine::Answered answer(const engine::Attempt& attempt, engine::Reply reply);
engine::Answered answer(const engine::Attempt& attempt, Refusal refusal);

}  // namespace amends::effect_local
