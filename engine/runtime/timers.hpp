// Due times in memory. One thread.
#pragma once
#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/base/saga_id.hpp"
#include "engine/lifecycle/decide.hpp"

namespace amends::engine {

// A heap, in which a timer that nobody wants any more comes due and is ignored, or goes with many others.
class Timers {
 public:
  struct Due {
    WallTime at{};
    std::uint64_t order = 0;  // equal times come due in the order in which they were set
    SagaId saga;
    LegRef leg;
  };

  void add(const SagaId& saga, const Timer& timer) {
    heap_.push_back({timer.at, next_++, saga, timer.leg});
    std::push_heap(heap_.begin(), heap_.end(), Later{});
  }
  std::optional<WallTime> next() const {
    return heap_.empty() ? std::nullopt : std::optional(heap_.front().at);
  }
  std::optional<Due> take(WallTime now) {
    if (heap_.empty() || heap_.front().at > now) return std::nullopt;
    std::pop_heap(heap_.begin(), heap_.end(), Later{});
    Due due = heap_.back();
    heap_.pop_back();
    return due;
  }
  // So many more are wanted no longer. When they are most of the heap, only what `wanted(due)` says is kept.
  template <class Wanted>
  void drop(std::size_t count, Wanted wanted) {
    dropped_ += count;
    if (dropped_ < dropped_min || dropped_ < heap_.size() / 2) return;
    std::erase_if(heap_, [&](const Due& due) { return !wanted(due); });
    std::make_heap(heap_.begin(), heap_.end(), Later{});
    heap_.shrink_to_fit();
    dropped_ = 0;
  }
  std::size_t size() const { return heap_.size(); }
  void clear() {
    heap_.clear();
    dropped_ = 0;
  }

 private:
  struct Later {
    bool operator()(const Due& a, const Due& b) const {
      return a.at != b.at ? a.at > b.at : a.order > b.order;
    }
  };
  static constexpr std::size_t dropped_min = 1'024;
  std::vector<Due> heap_;
  std::size_t dropped_ = 0;
  std::uint64_t next_ = 0;
};

}  // namespace amends::engine
