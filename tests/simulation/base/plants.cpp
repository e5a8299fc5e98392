#include "tests/simulation/base/plants.hpp"

namespace amends::simulation {

const std::vector<PlantRow>& plant_rows() {
  static const std::vector<PlantRow> rows = {
      {"fence_skipped", "a flush is written without a look at its writer's epoch"},
      {"hand_out_before_commit", "attempts leave before their intent is durable"},
      {"undo_forwards", "what was done first is undone first"},
      {"empty_undo_unchecked", "a barrier undoes what never happened"},
      {"late_reply_used", "an answer to an earlier attempt counts for the one in flight"},
      {"new_key_per_attempt", "each attempt has a key of its own"},
      {"timer_early", "timers ring by a clock that is ahead"},
      {"timeout_is_refusal", "no answer in time counts as a refusal, and nothing is undone"},
      {"ack_before_commit", "a start is acknowledged before it is durable"},
      {"start_key_forgotten", "the store forgets who has a start key"},
      {"undo_list_restarts", "after a restart, what was undone is undone again"},
      {"join_early", "a join starts after the first step before it, not after the last"},
      {"lease_ignored", "an attempt leaves whatever the lease and its own time say"},
      {"dead_not_fenced", "the shards of the dead are taken without a new epoch"},
      {"doubtful_starts_taken", "a start in doubt is taken for durable"},
      {"sleeper_never_woken", "nobody looks for sagas that sleep in the store"},
      {"posted_command_forgotten", "what was decided about a command of the table is not kept"},
      {"pivot_rolled_back", "nothing speaks against undoing after the pivot"},
      {"flush_loses_row", "a flush loses the last of its journal rows"},
      {"key_freed_early", "a start key is given free while its saga lives"},
  };
  return rows;
}

}  // namespace amends::simulation
