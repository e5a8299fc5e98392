// Who waits for which saga's end. One thread; thousands are fine.
#pragma once
#include <functional>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/runtime/inbox.hpp"

namespace amends::engine {

class Waiters {
 public:
  void add(PostedWait wait);
  // Answers everyone who waits for this saga.
  void answer(const SagaId& saga, WaitOutcome outcome);
  void rested(const SagaId& saga) { answer(saga, WaitOutcome::rested); }
  // Answers those whose time is up.
  void expire(Elapsed now);
  // Answers everyone of whose saga `look` has something to say; asked after the store was read back, or
  // shards went.
  void recheck(const std::function<std::optional<WaitOutcome>(const SagaId&)>& look);
  void answer_all(WaitOutcome outcome);
  std::optional<Elapsed> next() const;
  std::size_t size() const { return by_time_.size(); }

 private:
  using Slot = std::multimap<Elapsed, PostedWait>::iterator;
  std::multimap<Elapsed, PostedWait> by_time_;
  std::unordered_map<SagaId, std::vector<Slot>, SagaIdHash> by_saga_;  // never iterated
};

}  // namespace amends::engine
