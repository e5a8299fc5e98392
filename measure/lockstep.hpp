// The loop of the raw writers: so many sagas at a time, from their first row to their last.
#pragma once
#include <chrono>
#include <functional>

#include "measure/ran.hpp"

namespace amends::measure {

struct RawLimits {
  std::uint64_t sagas_max = 10'000'000;  // that are read; one in memory takes about 1 kB
  double seconds_max = 3'600;            // no new group after it
  std::function<bool()> stop_asked = [] { return false; };
};

// `write(from, to)` writes all rows of these sagas and returns in how many flushes. `rows` is how many there
// are in all. Throws Stopped.
template <typename Write>
Ran in_lockstep(std::size_t sagas, std::size_t rows, std::size_t live, const RawLimits& limits, Write write) {
  using Clock = std::chrono::steady_clock;
  const auto since = [](Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
  };
  const auto begin = Clock::now();
  std::vector<double> took;  // ms of each group
  std::size_t at = 0, flushes = 0;
  while (at < sagas && since(begin) < limits.seconds_max) {
    if (limits.stop_asked()) throw Stopped();
    const std::size_t end = std::min(at + live, sagas);
    const auto group_begin = Clock::now();
    flushes += write(at, end);
    took.push_back(since(group_begin) * 1e3);
    at = end;
  }
  Ran out;
  out.sagas = at;
  out.seconds = since(begin);
  out.rows = static_cast<std::uint64_t>(static_cast<double>(rows) * static_cast<double>(at) /
                                        static_cast<double>(sagas));
  out.flush_rows = static_cast<double>(out.rows) / static_cast<double>(std::max<std::size_t>(flushes, 1));
  out.p50_ms = find_quantile(took, 0.5);
  out.p99_ms = find_quantile(took, 0.99);
  return out;
}

}  // namespace amends::measure
