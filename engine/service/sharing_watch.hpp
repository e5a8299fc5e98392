// How the engines that share a store are doing, read every few seconds, so that whoever asks for it waits for
// no store.
#pragma once
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "engine/ports/clock.hpp"
#include "engine/ports/shared_store.hpp"

namespace amends::engine {

// A thread of its own, from construction until stop().
class SharingWatch {
 public:
  struct Seen {
    SharedCounts counts;
    Elapsed read_at{};                  // a store that cannot be read leaves it as it was
    std::optional<Elapsed> free_since;  // when shards without an owner were seen first, and ever since
  };

  // What it refers to must outlive it.
  SharingWatch(SharedStore& store, Clock& clock, Millis every = Millis(2'000));
  ~SharingWatch();
  // Safe twice.
  void stop();

  // Nothing before the first reading. Any thread.
  std::optional<Seen> last() const;

 private:
  void run(Millis every);
  void look();

  SharedStore& store_;
  Clock& clock_;

  mutable std::mutex mutex_;  // guards the next
  std::optional<Seen> last_;
  bool stopping_ = false;
  std::condition_variable wake_;
  std::thread thread_;
};

}  // namespace amends::engine
