#include "apps/amendsd/rest/routes/finisher.hpp"

namespace amends::rest {

Finisher::Finisher() : thread_([this] { run(); }) {}

Finisher::~Finisher() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Finisher::post(std::function<void()> work) {
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(work));
  }
  wake_.notify_one();
}

void Finisher::run() {
  std::vector<std::function<void()>> taken;
  while (true) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return ending_ || !queue_.empty(); });
      if (queue_.empty()) return;
      taken.swap(queue_);
    }
    for (const auto& work : taken) work();
    taken.clear();
  }
}

}  // namespace amends::rest
