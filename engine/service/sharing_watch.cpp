#include "engine/service/sharing_watch.hpp"

namespace amends::engine {

SharingWatch::SharingWatch(SharedStore& store, Clock& clock, Millis every)
    : store_(store), clock_(clock), thread_([this, every] { run(every); }) {}

SharingWatch::~SharingWatch() {
  stop();
}

void SharingWatch::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

std::optional<SharingWatch::Seen> SharingWatch::last() const {
  std::lock_guard lock(mutex_);
  return last_;
}

void SharingWatch::run(Millis every) {
  while (true) {
    look();
    std::unique_lock lock(mutex_);
    if (wake_.wait_for(lock, every, [this] { return stopping_; })) return;
  }
}

void SharingWatch::look() {
  try {
    const SharedCounts counts = store_.shared_counts();
    const Elapsed now = clock_.elapsed();
    std::lock_guard lock(mutex_);
    const auto before = last_ ? last_->free_since : std::nullopt;
    last_ = Seen{counts, now, counts.free > 0 ? before.value_or(now) : std::optional<Elapsed>()};
  } catch (const StoreUnavailable&) {
    // How old the last reading is tells it.
  }
}

}  // namespace amends::engine
