// One request and its one answer, which may come later and from another thread.
//
//   router.Get("/v1/wait", [&](const httplib::Request&, httplib::Response&) {
//     Parked parked = current_exchange().park({.wait_max = 10s, .on_timeout = [] { return still_running();
//     }}); engine.notify_when_done(id, [parked] { parked.answer(the_end_state()); });
//   });
#pragma once
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "apps/amendsd/rest/front/answer.hpp"

namespace amends::rest {

class Mailbox;

struct ParkOptions {
  // Nothing: until answered. When it is up (or the front stops), on_timeout runs on a worker and its answer
  // is sent if nothing else was. It may block as a handler may; without it the answer is a 504 problem.
  std::optional<std::chrono::milliseconds> wait_max = std::nullopt;
  std::function<Answer()> on_timeout = nullptr;
};

// The right to answer a request once. Any thread, any time, also when the front is gone. Shared between the
// worker, the reader and every Parked of the request; whoever settles first wins.
class Pending {
 public:
  Pending(std::shared_ptr<Mailbox> mailbox, std::uint64_t connection)
      : mailbox_(std::move(mailbox)), connection_(connection) {}

  // False when it was answered before, or the client has gone.
  bool answer(Answer answer, const std::shared_ptr<Pending>& self);
  // Takes the right to answer away. True when nobody had used it.
  bool settle() { return !settled_.exchange(true); }

  bool settled() const { return settled_.load(); }
  bool parked() const { return parked_.load(); }
  std::uint64_t connection() const { return connection_; }

 private:
  friend class Exchange;
  std::shared_ptr<Mailbox> mailbox_;
  std::uint64_t connection_;
  std::atomic<bool> settled_ = false;
  std::atomic<bool> parked_ = false;
};

// A parked request. Copies share it. It holds no worker; it holds its connection until it is answered, its
// time is up or the client goes; a client that shuts its sending side counts as gone, because a closed socket
// looks the same. When the last copy goes unanswered, the client gets a 500.
class Parked {
 public:
  // Cheap: queues the answer and wakes the reader at most once for many. Only the first answer of a request
  // counts; one for a client that has gone is dropped. Any thread.
  void answer(Answer answer) const;
  void answer(int status, std::string body, std::vector<Header> headers = {}) const;
  // False once it is answered or the client has gone: then there is no need to keep it. Any thread.
  bool waiting() const;

 private:
  friend class Exchange;
  struct Handle;
  explicit Parked(std::shared_ptr<Handle> handle) : handle_(std::move(handle)) {}
  std::shared_ptr<Handle> handle_;
};

// The request that a handler is working on. One thread: the worker's, until the handler returns.
class Exchange {
 public:
  explicit Exchange(std::shared_ptr<Pending> pending);
  ~Exchange();
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  // What the handler leaves in its httplib::Response is ignored from here on. At most once a request.
  Parked park(ParkOptions options = {});
  // Answers now, unless parked.
  void finish(Answer answer);
  // For a handler that failed: answers also when parked, if nothing did before.
  void fail(Answer answer);

 private:
  std::shared_ptr<Pending> pending_;
};

// Only inside a handler.
Exchange& current_exchange();

}  // namespace amends::rest
