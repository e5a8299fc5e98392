// Sagas as JSON for people and programs: one form for the REST surface and for reading a store without a
// daemon. docs/rest.md shows the fields. Pure functions, any thread.
#pragma once
#include <string>
#include <vector>

#include "engine/base/json.hpp"
#include "engine/ports/catalog.hpp"
#include "engine/ports/store.hpp"
#include "engine/service/present.hpp"

namespace amends::engine {

// What a store holds of one saga. `graph` is the plan's, as PlanRow has it; null when the plan row is
// missing.
struct StoredSaga {
  SagaRow row;
  std::vector<JournalRow> journal;
  std::vector<Tag> tags;
  Json graph;
  PlanPtr plan = {};      // when it is loaded: then the view offers what an operator may do
  WallTime read_at = {};  // with `plan`
};

// One line of a list.
Json listed_view(const ListedSaga& saga);

// The whole saga: its state by the fold of its journal, and each step with its attempts and its undo.
Json saga_view(const StoredSaga& saga);

// {"rows": [...]}: the journal with step names in place of numbers.
Json journal_view(const std::vector<JournalRow>& journal, const Json& graph);

}  // namespace amends::engine
