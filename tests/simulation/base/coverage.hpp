// What a run has seen. A set of runs that did not see all of it proves nothing: it is void, not green.
//
// To add something that must be seen: a line in the enum, its name in coverage.cpp, and a saw() where it
// shows.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace amends::simulation {

enum class Seen : std::uint8_t {
  completed,
  compensated,
  abandoned,
  parked,            // a saga came to rest with an operator
  undo_empty,        // an undo found nothing to take back
  hang_refused,      // the barrier refused a run that came after its undo
  expired,           // ... a request that came after its time
  late_reply,        // a reply came when its attempt was decided
  doubt_landed,      // a commit in doubt had landed
  doubt_lost,        // ... had not
  landed_late,       // ... landed after its connection was given up
  fenced_write,      // a flush of an engine that had lost its shards wrote nothing
  taken_over,        // an engine took shards of one that was dead
  given_away,        // an engine gave shards to another in order
  moved,             // a saga was written by two engines
  timer_after_move,  // a retry was sent by another incarnation than the one that set its timer
  lease_refused,     // an attempt was not sent, for the lease had ended
  slept,             // a saga was out of memory and came back
  key_again,
  key_conflict,
  start_in_doubt,  // a start's caller heard that nobody knows
  cancelled,
  cancel_remembered,
  cancel_too_late,
  retried,
  skipped,
  resolved,
  posted_start,
  posted_command,
  definition_missing,
  author_failed,
  unfit_result,  // a result of another type than the step's
  retired,
  stepped_down,  // an engine handed over in order and left
  twin_refused,
};
inline constexpr std::size_t seen_count = static_cast<std::size_t>(Seen::twin_refused) + 1;

std::string_view name_of(Seen what);

class Coverage {
 public:
  void saw(Seen what, std::uint64_t times = 1) { counts_[static_cast<std::size_t>(what)] += times; }
  std::uint64_t count(Seen what) const { return counts_[static_cast<std::size_t>(what)]; }
  const std::array<std::uint64_t, seen_count>& counts() const { return counts_; }

 private:
  std::array<std::uint64_t, seen_count> counts_{};
};

}  // namespace amends::simulation
