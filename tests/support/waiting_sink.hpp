// Where an adapter's tests hear the answers.
#pragma once
#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <vector>

#include "engine/ports/effect.hpp"

namespace amends::testing_support {

// Any thread delivers, the test waits.
class WaitingSink : public engine::ReplySink {
 public:
  void deliver(std::vector<engine::Answered> answers) override {
    const std::lock_guard lock(mutex_);
    for (auto& answer : answers) answers_.push_back(std::move(answer));
    changed_.notify_all();
  }
  // The first `count` answers; fewer when they do not come in a generous time, which fails the test.
  std::vector<engine::Answered> wait(std::size_t count) {
    std::unique_lock lock(mutex_);
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::seconds(60), [&] { return answers_.size() >= count; }))
        << "only " << answers_.size() << " of " << count << " answers came";
    return answers_;
  }
  std::size_t count() const {
    const std::lock_guard lock(mutex_);
    return answers_.size();
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<engine::Answered> answers_;
};

}  // namespace amends::testing_support
