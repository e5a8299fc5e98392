#include <algorithm>

#include "engine/base/buggify.hpp"
#include "engine/base/text.hpp"
#include "engine/lifecycle/decider.hpp"

namespace amends::engine {

namespace {

// The journal is text. What comes from authors, participants and people may be none, and must read back as
// it was folded.
void clean(std::string& text, std::size_t bytes_max) {
  if (!is_clean_utf8(text)) text = escape_controls(text);
  if (text.size() > bytes_max) text = shorten(text, bytes_max);
}

struct Cleaner {
  template <class E>
  void operator()(E& entry) const {
    if constexpr (requires { entry.error_class; }) clean(entry.error_class, error_class_bytes_max);
    if constexpr (requires { entry.error; }) clean(entry.error, error_bytes_max);
    if constexpr (requires { entry.reason; }) clean(entry.reason, error_bytes_max);
    if constexpr (requires { entry.actor; }) clean(entry.actor, error_bytes_max);
  }
};

}  // namespace

void Decider::emit(Entry entry) {
  std::visit(Cleaner{}, entry);
  fold(saga, entry);
  out.entries.push_back(std::move(entry));
}

StepState Decider::moved(StepIndex i, StepMove move) {
  const auto to = step_table.next(step(i).state, move);
  AMENDS_CHECK(to.has_value(), "the step table has no row for this move");
  return *to;
}

void Decider::move_step(StepIndex i, StepMove move, std::string_view error_class, std::string_view error) {
  emit(StepEntry{i, moved(i, move), std::nullopt, std::string(error_class), std::string(error), false});
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

void Decider::try_again(LegRef ref) {
  const Leg& known = leg(ref);
  if (known.in_flight) return;
  if (known.wake_at && *known.wake_at > event.at && !AMENDS_PLANTED("timer_early"))
    return wake(ref, *known.wake_at);
  if (!known.in_doubt || !doubt_is_final(ref)) return attempt(ref);
  // The participant knew the key when the wait began, and has forgotten it by now.
  if (ref.direction == Direction::run) return give_up(ref.step);
  emit(StepEntry{ref.step, moved(ref.step, StepMove::fail_undo), {}, known.error_class, known.error, true});
  park(ref, step(ref.step).undo.error_class, step(ref.step).undo.error);
}

void Decider::attempt(LegRef ref) {
  const Leg& known = leg(ref);
  if (known.in_flight) return;
  if (known.request == nullptr) return want_request(ref);
  moved(ref.step, ref.direction == Direction::run ? StepMove::attempt : StepMove::undo);
  const Step& step = plan.step(ref.step);
  const Millis timeout = ref.direction == Direction::run ? step.timeout : step.undo->timeout;
  WallTime until = event.at + timeout + event.slack;
  // However late it arrives, the participant must still know the key from any other copy.
  if (known.facts.remembers > Millis(0))
    until = std::min(until, (in_doubt(ref) ? known.first_sent : event.at) + known.facts.remembers + timeout);
  emit(AttemptEntry{ref.step, ref.direction, known.attempts + 1, event.at, until});
  out.attempts.push_back(ref);
}

}  // namespace amends::engine
