// The four outcomes of an attempt. The difference between them is the heart of the engine.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/time.hpp"

namespace amends::engine {

enum class Outcome : std::uint8_t {
  done,       // it happened; the reply is known
  rejected,   // a business answer: it did not and will not happen
  transient,  // it surely did not happen (no byte was sent, or 429): try again
  unknown,    // it MAY have happened (timeout, connection lost after sending, 5xx, garbage)
};
std::string_view name_of(Outcome outcome);
std::optional<Outcome> find_outcome(std::string_view name);

// The largest reply that is kept; a longer one is `unknown`, with error class "reply_too_large".
inline constexpr std::size_t result_bytes_max = 1 << 20;
inline constexpr std::size_t error_bytes_max = 4096;
inline constexpr std::size_t error_class_bytes_max = 64;

struct Reply {
  Outcome outcome = Outcome::unknown;
  std::string result = "null";  // canonical JSON, for done
  std::string error_class;      // stable and short, for the others: "timeout", "http_503", "refused", ...
  std::string error;            // one sentence for people, at most error_bytes_max, clean UTF-8
  std::optional<Millis> retry_after;  // the participant's wish, for transient and unknown
  bool empty_undo = false;            // undo only: the barrier says that the step had never happened
  // The participant itself said so. A refusal that an adapter made of its own knows nothing of earlier
  // attempts, so without this `rejected` ends no doubt about them.
  bool answered = false;

  bool operator==(const Reply&) const = default;
};

}  // namespace amends::engine
