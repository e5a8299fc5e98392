// One endpoint's queue and the threads that work it off, each with a connection of its own: a slow database
// holds up nobody else's steps.
#pragma once
#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "adapters/effect/sql/perform.hpp"
#include "adapters/effect/sql/sql_adapter.hpp"

namespace amends::sql {

// What was submitted and is not yet answered.
struct Pending {
  engine::Attempt attempt;
  engine::ReplySink* sink = nullptr;
};

// Any thread.
class Pool {
 public:
  // `in_flight` is the adapter's count of what was taken and not answered; the pool takes off what it
  // answers.
  Pool(SqlEndpoint endpoint, const SqlOptions& options, const CutSignal& cut,
       std::atomic<std::size_t>& in_flight);
  ~Pool();  // after stop() and join()
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  const SqlEndpoint& endpoint() const { return endpoint_; }
  // Counted in `in_flight` by the caller already.
  void take(Pending pending);
  // Answers the queue "stopping" and takes no more.
  void begin_stop();
  // Waits until nothing is on a connection any more; false when `until` came first.
  bool wait_idle(Clock::time_point until);
  void join();
  EndpointCounts counts() const;

 private:
  void work();
  std::optional<Pending> wait_for_work(std::unique_ptr<Session>& session);
  Performed run(std::unique_ptr<Session>& session, const engine::Attempt& attempt);
  std::optional<engine::Reply> refuse_unasked(const engine::Attempt& attempt,
                                              const RequestData& request) const;
  std::unique_ptr<Session> connect(const Bounds& bounds);
  void answer(const Pending& pending, engine::Reply reply);
  void note(const Performed& performed);

  const SqlEndpoint endpoint_;
  const SqlOptions& options_;
  const CutSignal& cut_;
  std::atomic<std::size_t>& in_flight_;

  mutable std::mutex mutex_;  // guards the rest
  std::condition_variable changed_;
  std::deque<Pending> queue_;
  std::size_t busy_ = 0, idle_ = 0;  // threads
  bool is_stopping_ = false;
  std::string noted_;  // the class that was last noted; empty when it goes well
  std::vector<std::thread> threads_;
};

}  // namespace amends::sql
