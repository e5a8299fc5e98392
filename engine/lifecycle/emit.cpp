#include "engine/lifecycle/decider.hpp"

namespace amends::engine {

void Decider::emit(Entry entry) {
  fold(saga, entry);
  out.entries.push_back(std::move(entry));
}

StepState Decider::moved(StepIndex i, StepMove move) {
  const auto to = step_table.next(step(i).state, move);
  AMENDS_CHECK(to.has_value(), "the step table has no row for this move");
  return *to;
}

void Decider::move_step(StepIndex i, StepMove move, std::string_view error_class, std::string_view error) {
  emit(StepEntry{i, moved(i, move), std::nullopt, std::string(error_class), std::string(error)});
}

void Decider::move_saga(SagaMove move, const Cause& cause) {
  const auto to = saga_table.next(saga.state, move);
  AMENDS_CHECK(to.has_value(), "the saga table has no row for this move");
  emit(SagaEntry{*to, cause.step, cause.error_class, cause.error});
}

void Decider::want_request(LegRef ref) {
  if (leg(ref).preparing) return;
  leg(ref).preparing = true;
  out.prepares.push_back(ref);
}

void Decider::attempt(LegRef ref) {
  const Leg& known = leg(ref);
  if (known.in_flight) return;
  if (known.request == nullptr) return want_request(ref);
  moved(ref.step, ref.direction == Direction::run ? StepMove::attempt : StepMove::undo);
  const Step& step = plan.step(ref.step);
  const Millis timeout = ref.direction == Direction::run ? step.timeout : step.undo->timeout;
  emit(AttemptEntry{ref.step, ref.direction, known.attempts + 1, event.at, event.at + timeout});
  out.attempts.push_back(ref);
}

}  // namespace amends::engine
