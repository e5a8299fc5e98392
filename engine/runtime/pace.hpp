// When to flush: at once, or when the sagas are here that soon will be.
//
// A flush costs a fixed part, however few rows it has. Where that part is dear (a trip to a database), sagas
// that flush by turns, each half waiting for the other's trip, are slower than all in one flush; where it is
// cheap, waiting only lets the disk idle. So the price of a flush and the time in which sagas come back from
// one are both measured as the engine runs: they differ a hundredfold between stores and machines.
// A pure calculation; one thread.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "engine/base/time.hpp"

namespace amends::engine {

class Pace {
 public:
  // A flush of so many rows took that long.
  void flushed(std::size_t rows, Micros took);
  // So long after their flush was durable sagas had their next row ready, on average over `count` of them.
  void came_round(Micros average, std::size_t count);

  // So many engines flush into the same store.
  void shared_by(std::uint32_t engines) { engines_ = std::max(engines, 1u); }

  struct Sagas {
    std::size_t ready = 0;   // have a row to write
    std::size_t coming = 0;  // will soon: their last flush has just landed, or a function is being run
  };
  // How many sagas the next flush takes; 0: wait, but no longer than until patience() after the last flush.
  // `waited` is the time since then.
  std::size_t share(Sagas sagas, Micros waited);
  Micros patience() const {
    return std::min(Micros(static_cast<Micros::rep>(fixed_ * engines_)), patience_max);
  }

  static constexpr Micros patience_max{10'000};  // however slow the store is
  static constexpr std::size_t all = std::numeric_limits<std::size_t>::max();

 private:
  // Weighted sums over the latest hundred or so flushes: of 1, rows, time, rows squared, rows by time.
  double ones_ = 0, rows_ = 0, time_ = 0, rows_rows_ = 0, rows_time_ = 0;
  double per_row_ = 0, fixed_ = 0;  // what a flush costs in microseconds: the line through them
  double round_ = 0;                // microseconds from a saga's flush to its next row
  std::uint32_t shared_ = 0, engines_ = 1;
};

}  // namespace amends::engine
