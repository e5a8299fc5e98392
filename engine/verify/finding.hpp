// What can be wrong with what a store holds, one kind for each promise about its rows.
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/saga_id.hpp"

namespace amends::engine {

enum class FindingKind : std::uint8_t {
  journal_unreadable,  // a journal row that is not of the form of docs/journal.md
  sequence,            // a saga's rows are not numbered 1, 2, 3 ...
  impossible_entry,    // deciding never leads to this entry from the state before it
  command_twice,       // one command was consumed by two entries
  epoch_backwards,     // a writer's row of an earlier epoch or flush behind one of a later
  unknown_flush,       // a journal row of a flush that its writer has not come to
  row_unreadable,      // a column that holds no value of its kind
  row_differs,         // the saga's row is not the fold of its journal at the row's seq
  row_ahead,           // the saga's row names a journal row that is not there
  row_behind,          // the saga ended, turned or is stuck, and its row does not say so
  sleeps_too_long,     // the row's wake_at is later than what the saga does next
  nothing_wakes_it,    // it is neither over nor with an operator, and waits for nothing
  no_journal,          // a saga's row without a journal
  no_saga,             // journal rows or tags without the saga's row
  no_plan,             // a saga whose plan is not in the table of plans
  plan_damaged,        // a plan's row whose graph does not have the shape that it names
  plan_differs,        // a saga that started on another shape than its plan has
  no_start_key,        // a saga that is not over, and its key does not lead to it: a second one could start
  misplaced,           // a row where nobody looks for it: another shard, a key that is none
};
inline constexpr std::size_t finding_kinds = 19;

// Stable: scripts and documents use them.
std::string_view name_of(FindingKind kind);
// What the kind means, for the manual and the CLI.
std::string_view meaning_of(FindingKind kind);

struct Finding {
  FindingKind kind = FindingKind::row_differs;
  SagaId saga;            // all zero when it is about no saga
  std::uint32_t seq = 0;  // the journal row; 0: it is about the saga's own row, or no row of it
  std::string sentence;   // for people; may quote what the store holds: escape it before it is shown
  bool operator==(const Finding&) const = default;
};

}  // namespace amends::engine
