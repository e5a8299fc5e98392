#include "engine/runtime/pace.hpp"

#include <algorithm>

namespace amends::engine {
namespace {

constexpr double forget = 1.0 / 64;
// A disk that stalls now and then does not make every flush dear.
constexpr double stalled = 1.3, stall_counts = 0.1;
// Flushes of nearly equal size say nothing about the price of a row.
constexpr double spread_min = 0.05;
// So every so often one is made smaller.
constexpr std::uint32_t trial_every = 16;
constexpr std::size_t trial_min = 8;

}  // namespace

void Pace::flushed(std::size_t rows, Micros took) {
  const auto n = static_cast<double>(rows), t = static_cast<double>(took.count());
  const double weight = ones_ > 0 && t > stalled * (fixed_ + per_row_ * n) ? stall_counts : 1;
  const auto add = [weight](double& sum, double what) { sum += weight * what - forget * sum; };
  add(ones_, 1);
  add(rows_, n);
  add(time_, t);
  add(rows_rows_, n * n);
  add(rows_time_, n * t);
  const double rows_mean = rows_ / ones_, time_mean = time_ / ones_;
  const double variance = rows_rows_ / ones_ - rows_mean * rows_mean;
  if (variance > spread_min * spread_min * rows_mean * rows_mean)
    per_row_ = (rows_time_ / ones_ - rows_mean * time_mean) / variance;
  per_row_ = std::clamp(per_row_, 0.0, time_mean / std::max(rows_mean, 1.0));
  fixed_ = time_mean - per_row_ * rows_mean;
}

void Pace::came_round(Micros average, std::size_t count) {
  const double flushes = static_cast<double>(count) * ones_ / std::max(rows_, 1.0);
  round_ += std::min(flushes / 16, 1.0) * (static_cast<double>(average.count()) - round_);
}

std::size_t Pace::share(Sagas sagas, Micros waited) {
  if (sagas.ready == 0) return 0;
  // The wait lasts about a round, and saves the fixed part of a flush: for all who share the store, for they
  // have it to themselves meanwhile.
  if (sagas.coming > 0 && 2 * round_ < fixed_ * engines_ && waited < patience()) return 0;
  if (++shared_ % trial_every == 0 && sagas.ready >= trial_min) return sagas.ready / 2;
  return all;
}

}  // namespace amends::engine
