#include "engine/runtime/rollback.hpp"

#include "engine/lifecycle/decide.hpp"

namespace amends::engine {

Rollback rollback_of(const Saga& saga, const Plan& plan) {
  RollbackPreview preview = preview_rollback(saga, plan);
  Rollback out{preview.possible, std::move(preview.why_not), {}};
  for (const RollbackStep& undo : preview.undos) {
    const Step& step = plan.step(undo.step);
    out.lines.push_back(
        {step.name, step.undo ? step.undo->name : std::string(), undo.wave, undo.may_not_have_happened});
  }
  return out;
}

}  // namespace amends::engine
