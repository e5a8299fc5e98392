#include "engine/verify/finding.hpp"

#include "engine/base/check.hpp"

namespace amends::engine {
namespace {

struct Kind {
  std::string_view name, meaning;
};

// In the order of the enum.
constexpr std::array<Kind, finding_kinds> kinds = {{
    {"journal_unreadable", "a journal row that is not of the journal's form"},
    {"sequence", "a saga's journal rows are not numbered 1, 2, 3 ..."},
    {"impossible_entry", "an entry to which no decision leads from the state before it"},
    {"command_twice", "one command was consumed twice"},
    {"epoch_backwards", "a writer's row of an earlier epoch or flush stands behind one of a later"},
    {"unknown_flush", "a journal row of a flush that its writer has not come to"},
    {"row_unreadable", "a column that holds no value of its kind"},
    {"row_differs", "the saga's row is not the fold of its journal"},
    {"row_ahead", "the saga's row names a journal row that is not there"},
    {"row_behind", "the saga ended, turned or is stuck, and its row does not say so"},
    {"sleeps_too_long", "the row's wake_at is later than what the saga does next"},
    {"nothing_wakes_it", "the saga is neither over nor with an operator, and waits for nothing"},
    {"no_journal", "a saga's row without a journal"},
    {"no_saga", "journal rows or tags without their saga's row"},
    {"no_plan", "a saga whose plan is not in the table of plans"},
    {"plan_damaged", "a plan whose graph does not have the shape that its row names"},
    {"plan_differs", "a saga that started on another shape than its plan has"},
    {"no_start_key", "a saga that is not over, and its key does not lead to it"},
    {"misplaced", "a row where nobody looks for it"},
}};

const Kind& entry(FindingKind kind) {
  const auto at = static_cast<std::size_t>(kind);
  AMENDS_CHECK(at < kinds.size(), "no such kind of finding");
  return kinds[at];
}

}  // namespace

std::string_view name_of(FindingKind kind) {
  return entry(kind).name;
}

std::string_view meaning_of(FindingKind kind) {
  return entry(kind).meaning;
}

}  // namespace amends::engine
