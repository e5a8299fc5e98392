// How long what a saga decides waits until it is durable. An attempt's time begins with the decision and must
// be over by its Not-After, so in an overload it has to have this time on top: else it is over before it
// begins, and the flush was spent for nothing. A pure calculation; one thread.
#pragma once
#include <algorithm>

#include "engine/base/time.hpp"

namespace amends::engine {

class Lag {
 public:
  // A flush landed; what has waited longest in it waited so long. It is forgotten over some twenty flushes,
  // after an hour over forty.
  void landed(Micros waited) { worst_ = std::clamp(waited, worst_ - worst_ / 4, longest); }

  // For an attempt that is decided now: twice the worst of late, for a queue that still grows. Nothing where
  // flushes are quick.
  Millis slack() const { return worst_ < heeded_from ? Millis(0) : std::chrono::ceil<Millis>(2 * worst_); }

  static constexpr Micros heeded_from{50'000};
  // No queue is longer. A process that was stopped for a day has waited so, and needs no day on top.
  static constexpr Micros longest = std::chrono::minutes(30);

 private:
  Micros worst_{};
};

}  // namespace amends::engine
