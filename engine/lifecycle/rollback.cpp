#include <algorithm>

#include "engine/lifecycle/decide.hpp"

namespace amends::engine {
namespace {

bool may_stand(const StepProgress& p) {
  switch (p.state) {
    case StepState::succeeded:
    case StepState::running:
    case StepState::undoing:
    case StepState::undo_failed: return true;
    case StepState::backing_off: return p.run.in_doubt;
    case StepState::pending:
    case StepState::rejected:
    case StepState::skipped:
    case StepState::undone:
    case StepState::undo_empty:
    case StepState::undo_skipped: return false;
  }
  return false;
}

}  // namespace

RollbackPreview preview_rollback(const Saga& saga, const Plan& plan) {
  RollbackPreview out;
  if (is_terminal(saga.state)) {
    out.why_not = "the saga is over: " + std::string(name_of(saga.state));
    return out;
  }
  std::vector<std::uint32_t> wave(plan.size(), 0);
  for (StepIndex i = plan.size(); i-- > 0;) {
    const StepProgress& p = saga.steps[i];
    for (const StepIndex later : plan.next(i)) wave[i] = std::max(wave[i], wave[later]);
    if (!may_stand(p) || plan.step(i).kind == StepKind::read) continue;
    if (!plan.step(i).undo) {
      out.why_not = "'" + plan.step(i).name + "' is " + std::string(name_of(plan.step(i).kind)) +
                    (p.state == StepState::succeeded ? " and has happened" : " and may have happened");
      out.undos.clear();
      return out;
    }
    ++wave[i];
    out.undos.push_back({i, wave[i], p.state == StepState::running || p.run.in_doubt});
  }
  out.possible = true;
  std::stable_sort(out.undos.begin(), out.undos.end(),
                   [](const auto& a, const auto& b) { return a.wave < b.wave; });
  return out;
}

}  // namespace amends::engine
