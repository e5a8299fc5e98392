// The clocks of one machine: what its wall shows may be wrong and may be set, what it measures with is right.
#pragma once
#include <utility>

#include "engine/ports/clock.hpp"
#include "tests/simulation/base/event_queue.hpp"

namespace amends::simulation {

class EngineClock final : public engine::Clock {
 public:
  explicit EngineClock(const EventQueue& queue) : queue_(queue) {}

  engine::WallTime wall() const override { return queue_.wall() + wrong_; }
  engine::Elapsed elapsed() const override { return booted_ + queue_.now(); }

  void set_wrong(engine::Micros by) { wrong_ = by; }
  engine::Micros wrong() const { return wrong_; }

 private:
  static constexpr engine::Elapsed booted_{3'600'000'000};  // not 0, which would look like never
  const EventQueue& queue_;
  engine::Micros wrong_{};
};

// What a thread sees that waits for the store: its calls take time, though the event in which it makes them
// takes none.
class WaitingClock final : public engine::Clock {
 public:
  explicit WaitingClock(const EngineClock& clock) : clock_(clock) {}

  engine::WallTime wall() const override { return clock_.wall() + waited_; }
  engine::Elapsed elapsed() const override { return clock_.elapsed() + waited_; }

  void wait(engine::Micros time) { waited_ += time; }
  engine::Micros take_waited() { return std::exchange(waited_, engine::Micros(0)); }

 private:
  const EngineClock& clock_;
  engine::Micros waited_{};
};

}  // namespace amends::simulation
