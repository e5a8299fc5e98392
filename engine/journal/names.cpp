#include <array>

#include "engine/journal/entry.hpp"

namespace amends::engine {
namespace {

constexpr std::array<std::string_view, saga_states> saga_names{"running",     "compensating",   "completed",
                                                               "compensated", "needs_operator", "abandoned"};
constexpr std::array<std::string_view, step_states> step_names{
    "pending", "running", "backing_off", "succeeded",   "rejected",    "skipped",
    "undoing", "undone",  "undo_empty",  "undo_failed", "undo_skipped"};
constexpr std::array<std::string_view, 5> verb_names{"cancel", "retry", "skip", "resolve", "abandon"};

template <class E, std::size_t n>
std::optional<E> find_in(const std::array<std::string_view, n>& names, std::string_view name) {
  for (std::size_t i = 0; i < n; ++i)
    if (names[i] == name) return static_cast<E>(i);
  return std::nullopt;
}

}  // namespace

std::string_view name_of(SagaState state) {
  return saga_names[static_cast<std::size_t>(state)];
}
std::string_view name_of(StepState state) {
  return step_names[static_cast<std::size_t>(state)];
}
std::string_view name_of(Verb verb) {
  return verb_names[static_cast<std::size_t>(verb)];
}
std::optional<SagaState> find_saga_state(std::string_view name) {
  return find_in<SagaState>(saga_names, name);
}
std::optional<StepState> find_step_state(std::string_view name) {
  return find_in<StepState>(step_names, name);
}
std::optional<Verb> find_verb(std::string_view name) {
  return find_in<Verb>(verb_names, name);
}

}  // namespace amends::engine
