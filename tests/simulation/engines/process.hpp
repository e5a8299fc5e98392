// A process as the machine sees it: it lives, is killed, stands still, goes on. What it has asked for dies
// with it, and waits while it stands still.
#pragma once
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "tests/simulation/base/setting.hpp"
#include "tests/simulation/engines/engine_clock.hpp"

namespace amends::simulation {

class Process {
 public:
  Process(Setting& setting, std::string name)
      : setting_(setting), name_(std::move(name)), clock_(setting.queue) {}
  virtual ~Process() = default;
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  const std::string& name() const { return name_; }
  EngineClock& clock() { return clock_; }

  // Something came in, for the loop to look at.
  virtual void wake() = 0;

  // As EventQueue::after, in this life of the process.
  void after(engine::Micros delay, const char* what, std::function<void()> action) {
    setting_.queue.after(delay, what, [this, life = life_, action = std::move(action)]() mutable {
      if (life == life_) let(std::move(action));
    });
  }
  // Who is called from outside, and finds this life or nobody.
  template <typename What>
  std::function<void(What)> listener(const char*, std::function<void(What)> action) {
    return [this, life = life_, action = std::move(action)](What what) {
      if (life != life_) return;
      let([action, what = std::move(what)]() mutable { action(std::move(what)); });
    };
  }

  bool is_stopped() const { return stopped_; }
  void stand_still() { stopped_ = true; }
  // What was to happen meanwhile happens now, in its order.
  void go_on() {
    stopped_ = false;
    for (std::function<void()>& action : std::exchange(waiting_, {}))
      after({}, "it goes on", std::move(action));
  }

 protected:
  void end_life() {
    ++life_;
    waiting_.clear();
    stopped_ = false;
  }
  std::uint64_t life() const { return life_; }

  Setting& setting_;

 private:
  void let(std::function<void()> action) {
    if (stopped_)
      waiting_.push_back(std::move(action));
    else
      action();
  }

  const std::string name_;
  EngineClock clock_;
  std::uint64_t life_ = 1;
  bool stopped_ = false;
  std::vector<std::function<void()>> waiting_;
};

}  // namespace amends::simulation
