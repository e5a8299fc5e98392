// Time, and all that is going to happen: events in the order of (time, number). Nothing else in the simulated
// world moves by itself. One thread.
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/time.hpp"

namespace amends::simulation {

class EventQueue {
 public:
  using Action = std::function<void()>;

  explicit EventQueue(bool tracing = false) : tracing_(tracing) {}

  engine::Micros now() const { return now_; }
  // True time, which the store and honest clocks show.
  engine::WallTime wall() const { return epoch_ + now_; }

  // `what` must live as long as the queue: a literal. Events of the same time come in the order of these
  // calls.
  void after(engine::Micros delay, const char* what, Action action);
  // Lets the next event happen; false when there is none.
  bool run_next();
  std::uint64_t events() const { return events_; }

  // A rolling hash over all events and all that was noted: two runs that are alike have the same one.
  std::uint64_t hash() const { return hash_; }
  void note(std::uint64_t value) { hash_ = (hash_ ^ value) * 0x100000001b3 + 0x9e3779b97f4a7c15; }
  void note(std::string_view text);

  // For people who read along. Ask tracing() before a sentence is built.
  bool tracing() const { return tracing_; }
  void say(const std::string& sentence) const;

 private:
  struct Event {
    engine::Micros at{};
    std::uint64_t number = 0;
    const char* what = "";
    Action action;
  };
  static bool later(const Event& a, const Event& b) {
    return a.at != b.at ? a.at > b.at : a.number > b.number;
  }

  static constexpr engine::WallTime epoch_{engine::Micros(1'700'000'000'000'000)};
  const bool tracing_;
  engine::Micros now_{};
  std::vector<Event> heap_;
  std::uint64_t numbers_ = 0, events_ = 0, hash_ = 0xcbf29ce484222325;
};

}  // namespace amends::simulation
