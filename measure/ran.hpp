// What one side of a comparison took.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <vector>

namespace amends::measure {

// What a flush of the engine holds at most, and so of the raw writers.
inline constexpr std::size_t flush_sagas_max = 512;

struct Ran {
  std::uint64_t sagas = 0;
  double seconds = 0;
  double cpu_seconds = 0;  // of this process, engine and clients
  double flush_rows = 0;   // journal rows per flush, on average
  double store_busy = 0;   // of the time, with a flush; for the rest the store waits for the engine
  std::uint64_t rows = 0;  // journal rows in all: transitions
  // Of a saga, from its start's acceptance by the engine until its end was durable.
  double p50_ms = 0, p99_ms = 0;
  double sagas_per_second() const { return static_cast<double>(sagas) / seconds; }
};

// It was asked to stop before it was through.
struct Stopped : std::runtime_error {
  Stopped() : std::runtime_error("stopped") {}
};

// The value below which that part of them lies; 0 of none. Reorders them.
inline double find_quantile(std::vector<double>& values, double part) {
  if (values.empty()) return 0;
  const auto at =
      std::min(static_cast<std::size_t>(part * static_cast<double>(values.size())), values.size() - 1);
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(at), values.end());
  return values[at];
}

}  // namespace amends::measure
