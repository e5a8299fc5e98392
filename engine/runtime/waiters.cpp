#include "engine/runtime/waiters.hpp"

#include <algorithm>

namespace amends::engine {

void Waiters::add(PostedWait wait) {
  const SagaId saga = wait.saga;
  const Elapsed until = wait.until;
  by_saga_[saga].push_back(by_time_.emplace(until, std::move(wait)));
}

void Waiters::answer(const SagaId& saga, WaitOutcome outcome) {
  const auto it = by_saga_.find(saga);
  if (it == by_saga_.end()) return;
  const std::vector<Slot> slots = std::move(it->second);
  by_saga_.erase(it);
  for (const Slot slot : slots) {
    const auto answer = std::move(slot->second.answer);
    by_time_.erase(slot);
    answer(outcome);
  }
}

void Waiters::expire(Elapsed now) {
  while (!by_time_.empty() && by_time_.begin()->first <= now) {
    const Slot slot = by_time_.begin();
    const auto it = by_saga_.find(slot->second.saga);
    std::erase(it->second, slot);
    if (it->second.empty()) by_saga_.erase(it);
    const auto answer = std::move(slot->second.answer);
    by_time_.erase(slot);
    answer(WaitOutcome::time_up);
  }
}

void Waiters::recheck(const std::function<std::optional<WaitOutcome>(const SagaId&)>& look) {
  std::vector<std::pair<PostedWait, WaitOutcome>> gone;
  for (auto it = by_time_.begin(); it != by_time_.end();) {
    const std::optional<WaitOutcome> outcome = look(it->second.saga);
    if (!outcome) {
      ++it;
      continue;
    }
    by_saga_.erase(it->second.saga);
    gone.emplace_back(std::move(it->second), *outcome);
    it = by_time_.erase(it);
  }
  for (const auto& [wait, outcome] : gone) wait.answer(outcome);
}

void Waiters::answer_all(WaitOutcome outcome) {
  by_saga_.clear();
  for (auto& [until, wait] : std::exchange(by_time_, {})) wait.answer(outcome);
}

std::optional<Elapsed> Waiters::next() const {
  return by_time_.empty() ? std::nullopt : std::optional(by_time_.begin()->first);
}

}  // namespace amends::engine
