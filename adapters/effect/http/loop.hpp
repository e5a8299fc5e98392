// An event loop: a thread, an epoll, and the lanes of its endpoints.
#pragma once
#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "adapters/effect/http/lane.hpp"

namespace amends::http {

// Handed over in batches: one lock for many.
struct Parcel {
  std::uint32_t lane;
  Pending pending;
};

// An endpoint, or the share of its concurrency that one loop has.
struct Share {
  Endpoint* endpoint = nullptr;
  std::size_t concurrency_max = 1;
};

// submit and stop: any thread. Everything else happens on its own thread.
class Loop {
 public:
  // `in_flight` is the adapter's count of what was taken and not answered; the loop takes off what it
  // answers.
  Loop(const std::vector<Share>& shares, const HttpOptions& options,
       const std::function<engine::WallTime()>& wall, std::atomic<std::size_t>& in_flight);
  ~Loop();  // stops at once when it still runs
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // False, and nothing taken, when the loop has stopped.
  bool submit(std::vector<Parcel>& parcels);
  // Answers the queues, waits up to `limit` for what is on the wire, cuts the rest, ends the thread.
  // Begin all loops' stops before joining any.
  void begin_stop(engine::Millis limit);
  void join();

 private:
  void run();
  void wait();
  void take_inbox();
  bool stopped(engine::Elapsed now);
  void wake() const;

  std::function<engine::WallTime()> wall_;
  std::atomic<std::size_t>& in_flight_;
  int epoll_, wake_;
  Answers answers_;
  std::vector<std::unique_ptr<Lane>> lanes_;

  std::mutex mutex_;  // over inbox_ and closed_
  std::vector<Parcel> inbox_;
  bool closed_ = false;
  std::atomic<std::int64_t> stop_at_{-1};  // elapsed time; -1: runs

  std::vector<Parcel> taken_;  // the loop's side of the swap
  std::thread thread_;
};

}  // namespace amends::http
