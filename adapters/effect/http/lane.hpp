// One endpoint's queue and transfers inside an event loop, or its share of them where several loops serve it.
// It has a multi handle of its own, so that a connection that one endpoint was allowed to open is never lent
// to another. One thread.
#pragma once
#include <curl/curl.h>

#include <deque>
#include <memory>
#include <optional>
#include <unordered_set>
#include <vector>

#include "adapters/effect/http/bearer.hpp"
#include "adapters/effect/http/call.hpp"
#include "adapters/effect/http/endpoint.hpp"
#include "adapters/effect/http/rate_limit.hpp"

namespace amends::http {

// Answers of one turn, by sink, so that a sink is told once.
class Answers {
 public:
  void add(engine::ReplySink& sink, const engine::Attempt& attempt, engine::Reply reply);
  // Takes `delivered` off `in_flight` before the sinks hear of it.
  void deliver(std::atomic<std::size_t>& in_flight);

 private:
  std::vector<std::pair<engine::ReplySink*, std::vector<engine::Answered>>> by_sink_;
};

// Says which lane a socket of the loop's epoll belongs to.
struct SocketTag {
  std::uint32_t lane;
  std::int32_t socket;
};

class Lane {
 public:
  Lane(Endpoint& endpoint, std::size_t concurrency_max, const HttpOptions& options,
       const std::function<engine::WallTime()>& wall, Answers& answers, int epoll, std::uint32_t index);
  ~Lane();
  Lane(const Lane&) = delete;
  Lane& operator=(const Lane&) = delete;

  void take(Pending pending);
  void socket_ready(int socket, std::uint32_t epoll_events);
  // Runs what is due, collects what has finished, sends what the limits allow.
  void turn(engine::Elapsed now);
  // When turn() must be called again though no socket stirs; nothing: not before.
  std::optional<engine::Elapsed> due() const;

  bool idle() const { return queue_.empty() && active_.empty(); }
  // The queue is answered "stopping"; what is on the wire goes on.
  void refuse_queue();
  // What is on the wire is taken off: unknown if a byte was sent.
  void cut();

 private:
  void run_due(engine::Elapsed now);
  void collect();
  void send_queued(engine::Elapsed now);
  void start(Pending pending, engine::Elapsed now);
  void drop_expired(engine::Elapsed now);
  void answer(Pending pending, Ending ending);
  void answer(Call& call, const Exchange& exchange);
  void answer(engine::ReplySink& sink, const engine::Attempt& attempt, engine::Reply reply);
  bool expired(const engine::Attempt& attempt) const;
  void count();
  void watch(int socket, int what);

  static int on_socket(CURL*, curl_socket_t socket, int what, void* self, void*);
  static int on_timer(CURLM*, long wait_ms, void* self);

  Endpoint& endpoint_;
  const std::size_t concurrency_max_;  // its share of the endpoint's
  const HttpOptions& options_;
  const std::function<engine::WallTime()>& wall_;
  Answers& answers_;
  int epoll_;
  std::uint32_t index_;
  CURLM* multi_;
  Bearer bearer_;
  RateLimit rate_;
  std::deque<Pending> queue_;
  std::unordered_set<Call*> active_;
  std::vector<std::unique_ptr<Call>> calls_;  // all that were made
  std::vector<Call*> free_;
  std::vector<std::uint32_t> watched_;  // by socket: the events that epoll has been told, 0 for none
  std::optional<engine::Elapsed> curl_due_, rate_due_, sweep_due_;
  std::uint64_t told_queued_ = 0, told_in_flight_ = 0;  // its part of the endpoint's gauges
};

}  // namespace amends::http
