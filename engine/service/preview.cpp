#include "engine/service/preview.hpp"

#include "engine/definition/read_plan.hpp"
#include "engine/journal/saga.hpp"

namespace amends::engine {

Answer<Rollback> preview(const StoredSaga& stored) {
  FoldedSaga folded;
  folded.saga.id = stored.row.id;
  for (const JournalRow& row : stored.journal) fold_row(folded, row.seq, row.at, row.body);
  if (!folded.error.empty()) return {ServiceError::refused, folded.error, {}};
  const PlanPtr plan = stored.plan ? stored.plan : read_plan(stored.graph);
  if (!plan || plan->size() != folded.saga.steps.size())
    return {ServiceError::unknown_version, "the plan " + stored.row.plan_id + " is not known", {}};
  return {ServiceError::none, {}, rollback_of(folded.saga, *plan)};
}

Json rollback_view(const Rollback& preview) {
  Json out{{"possible", preview.possible}, {"undos", Json::array()}};
  if (!preview.possible) out["why_not"] = preview.why_not;
  for (const RollbackLine& line : preview.lines)
    out["undos"].push_back({{"wave", line.wave},
                            {"step", line.step},
                            {"undo", line.undo},
                            {"may_not_have_happened", line.may_not_have_happened}});
  return out;
}

}  // namespace amends::engine
