// What an operator can watch: counters for the metrics page, sentences for the log.
#pragma once
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/time.hpp"
#include "engine/definition/outcome.hpp"
#include "engine/definition/request.hpp"
#include "engine/journal/entry.hpp"

namespace amends::engine {

using Counter = std::atomic<std::uint64_t>;

// Counts by upper bound, in microseconds; the last bucket takes the rest.
struct TimeHistogram {
  static constexpr std::array<std::int64_t, 10> bounds = {250,    500,    1'000,   2'500,   5'000,
                                                          10'000, 25'000, 100'000, 500'000, 2'500'000};
  std::array<Counter, bounds.size() + 1> buckets{};
  Counter count{0}, sum_micros{0};

  void add(Micros took) {
    std::size_t i = 0;
    while (i < bounds.size() && took.count() > bounds[i]) ++i;
    buckets[i].fetch_add(1, std::memory_order_relaxed);
    count.fetch_add(1, std::memory_order_relaxed);
    sum_micros.fetch_add(static_cast<std::uint64_t>(took.count()), std::memory_order_relaxed);
  }
};

// Any thread reads. Everything but the gauges only grows, from the engine's start.
struct Metrics {
  Counter started{0};                                    // durable starts
  Counter duplicates{0};                                 // starts whose key was taken already
  std::array<Counter, saga_states> reached{};            // sagas that ended or parked, by SagaState
  std::array<std::array<Counter, 4>, 2> attempts{};      // answered, by Direction and Outcome
  Counter flushes{0}, flush_rows{0}, flush_failures{0};  // rows: journal rows
  TimeHistogram flush_time;
  Counter live{0};              // gauge: sagas in memory; those that sleep are not
  Counter in_flight{0};         // gauge: attempts handed out and not yet answered
  Counter retired{0};           // finished sagas that have left the store
  Counter archive_failures{0};  // pieces of them that could not be archived, and stayed
  Counter retiring_stuck{0};    // gauge: 1 while they stay because their archive or the store fails
  Counter commands_refused{0};  // answers of invalid to starts and commands through the store, durably
  Counter refusing{0};  // gauge: writers whose every flush is refused, for want of room or for another reason
};

// A saga that rests with an operator, durably: what a pager should say.
struct ParkedSaga {
  std::string saga, plan_id;
  std::string step;                // empty when no step is to blame
  std::string error_class, error;  // the error is the participant's text, at most some hundred bytes
};

enum class Severity : std::uint8_t { info, warning, error };

// Any thread. Must not block for long: the engine's loop calls it.
class Observer {
 public:
  virtual ~Observer() = default;
  virtual void note(Severity severity, std::string_view sentence) = 0;
  // Once for each time that a saga is parked; those that were parked already at a start are not told again.
  virtual void parked(const ParkedSaga&) {}
  Metrics metrics;
};

}  // namespace amends::engine
