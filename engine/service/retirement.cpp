#include "engine/service/retirement.hpp"

#include "engine/runtime/thread_name.hpp"

namespace amends::engine {

Retirement::Retirement(RetiringOptions options, Retention& store, std::function<std::vector<ShardId>()> owned,
                       Archive* archive, Clock& clock, Observer& observer)
    : retiring_(options, store, std::move(owned), archive, clock, observer), thread_([this] { run(); }) {}

Retirement::~Retirement() {
  stop();
}

void Retirement::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Retirement::run() {
  name_this_thread("amends-retire");
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    lock.unlock();
    const Micros rest = retiring_.step();
    lock.lock();
    wake_.wait_for(lock, rest, [this] { return stopping_; });
  }
}

}  // namespace amends::engine
