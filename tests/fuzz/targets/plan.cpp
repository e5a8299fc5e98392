// A plan out of a store that somebody may have written to: one that may be looked ahead on, or none.
#include "engine/base/json.hpp"
#include "engine/base/text.hpp"
#include "engine/definition/picture.hpp"
#include "engine/definition/read_plan.hpp"
#include "engine/lifecycle/decide.hpp"
#include "tests/fuzz/target.hpp"

namespace amends::fuzz {
namespace {

using namespace engine;

bool same_order(const Plan& a, const Plan& b) {
  if (a.id() != b.id() || a.size() != b.size() || a.input_type() != b.input_type()) return false;
  for (StepIndex i = 0; i < a.size(); ++i) {
    const Step &x = a.step(i), &y = b.step(i);
    if (x.name != y.name || x.kind != y.kind || x.after != y.after ||
        x.undo.has_value() != y.undo.has_value())
      return false;
    if (x.undo && x.undo->name != y.undo->name) return false;
  }
  return true;
}

// Names that are written are found again only where each names one step.
bool has_two_alike(const Plan& plan) {
  for (StepIndex i = 0; i < plan.size(); ++i)
    if (plan.find_step(plan.step(i).name) != i) return true;
  return false;
}

Saga standing(const Plan& plan) {
  Saga saga;
  saga.steps.resize(plan.size());
  for (StepProgress& step : saga.steps) step.state = StepState::succeeded;
  return saga;
}

}  // namespace

AMENDS_FUZZ_TARGET(plan) {
  const ParsedJson graph = parse_json(input);
  const PlanPtr plan = graph.ok() ? read_plan(graph.value) : nullptr;
  if (plan == nullptr) return;
  AMENDS_HOLDS(plan->size() >= 1 && plan->size() <= steps_max, "a plan has its number of steps");
  for (StepIndex i = 0; i < plan->size(); ++i)
    for (const StepIndex before : plan->step(i).after)
      AMENDS_HOLDS(before < i, "a step comes after what it depends on");
  for (const std::string& finding : findings(plan->workflow(), plan->version(), plan->steps()))
    AMENDS_HOLDS(!finding.empty(), "what speaks against it is a sentence");
  const std::string drawn = picture(*plan);
  AMENDS_HOLDS(is_clean_utf8(drawn) && drawn.find('\x1b') == drawn.npos,
               "its picture does not steer a terminal");
  const auto preview = preview_rollback(standing(*plan), *plan);
  AMENDS_HOLDS(preview.possible == preview.why_not.empty(), "what cannot be undone is said");

  const ParsedJson written = parse_json(plan->graph_json());
  AMENDS_HOLDS(written.ok(), "what is written of it is JSON");
  const PlanPtr again = read_plan(written.value);
  AMENDS_HOLDS(again != nullptr, "and is a plan");
  if (!has_two_alike(*plan)) AMENDS_HOLDS(same_order(*plan, *again), "and is the same plan");
}

}  // namespace amends::fuzz
