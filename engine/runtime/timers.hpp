// Due times in memory. One thread.
#pragma once
#include <cstdint>
#include <optional>
#include <queue>
#include <vector>

#include "engine/base/saga_id.hpp"
#include "engine/lifecycle/decide.hpp"

namespace amends::engine {

// A heap that never forgets: a timer that nobody wants any more comes due and is ignored.
class Timers {
 public:
  struct Due {
    WallTime at{};
    std::uint64_t order = 0;  // equal times come due in the order in which they were set
    SagaId saga;
    LegRef leg;
  };

  void add(const SagaId& saga, const Timer& timer) { heap_.push({timer.at, next_++, saga, timer.leg}); }
  std::optional<WallTime> next() const {
    return heap_.empty() ? std::nullopt : std::optional(heap_.top().at);
  }
  std::optional<Due> take(WallTime now) {
    if (heap_.empty() || heap_.top().at > now) return std::nullopt;
    Due due = heap_.top();
    heap_.pop();
    return due;
  }
  void clear() { heap_ = {}; }

 private:
  struct Later {
    bool operator()(const Due& a, const Due& b) const {
      return a.at != b.at ? a.at > b.at : a.order > b.order;
    }
  };
  std::priority_queue<Due, std::vector<Due>, Later> heap_;
  std::uint64_t next_ = 0;
};

}  // namespace amends::engine
