#include "tests/simulation/base/coverage.hpp"

namespace amends::simulation {

std::string_view name_of(Seen what) {
  static constexpr std::array<std::string_view, seen_count> names = {
      "completed",        "compensated",       "abandoned",
      "parked",           "undo_empty",        "hang_refused",
      "expired",          "late_reply",        "doubt_landed",
      "doubt_lost",       "landed_late",       "fenced_write",
      "taken_over",       "given_away",        "moved",
      "timer_after_move", "lease_refused",     "slept",
      "key_again",        "key_conflict",      "start_in_doubt",
      "cancelled",        "cancel_remembered", "cancel_too_late",
      "retried",          "skipped",           "resolved",
      "posted_start",     "posted_command",    "definition_missing",
      "author_failed",    "unfit_result",      "retired",
      "stepped_down",     "twin_refused",
  };
  return names[static_cast<std::size_t>(what)];
}

}  // namespace amends::simulation
