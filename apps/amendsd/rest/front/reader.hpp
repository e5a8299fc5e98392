// The one thread that holds all connections. A client costs a socket and its unfinished bytes until its
// request is complete; only then does it take a worker. So a slow client delays nobody, and a parked one
// holds nothing.
#pragma once
#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <unordered_map>
#include <vector>

#include "apps/amendsd/rest/front/connection.hpp"
#include "apps/amendsd/rest/front/listener.hpp"
#include "apps/amendsd/rest/front/mailbox.hpp"
#include "apps/amendsd/rest/front/response.hpp"
#include "apps/amendsd/rest/front/workers.hpp"

namespace amends::rest {

// One thread (run), except begin_drain: any thread.
class Reader {
 public:
  Reader(const FrontOptions& options, Listener& listener, Workers& workers, std::shared_ptr<Mailbox> mailbox);
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  // Until begin_drain() and the end of what was in work, at most options.drain later.
  void run();
  void begin_drain();

 private:
  using Connections = std::unordered_map<std::uint64_t, std::unique_ptr<Connection>>;

  // reader.cpp: the loop
  int wait_ms() const;
  bool watch(int fd, std::uint64_t id, std::uint32_t events);
  void accept_all();
  void turn_away(Connection& c);
  void handle_event(Connection& c, std::uint32_t events);
  void take_messages();
  void sweep();
  void expire(Connection& c);
  void arm(Connection& c, Instant deadline);
  void arm_sweep(Instant deadline);
  void drain_connections();
  bool drained() const;
  void abandon_rest();
  void close(Connection& c);

  // reader_requests.cpp: the life of a request
  void read(Connection& c, bool to_the_end);
  void advance(Connection& c, bool more_waits);
  void hand_over(Connection& c);
  void refuse(Connection& c, const Problem& what);
  void reply(Connection& c, const Answer& answer);
  void write_on(Connection& c);
  void linger(Connection& c);
  void read_off(Connection& c);
  void release_body(Connection& c);

  const FrontOptions& options_;
  Listener& listener_;
  Workers& workers_;
  std::shared_ptr<Mailbox> mailbox_;
  int epoll_;

  Connections connections_;
  std::uint64_t next_id_ = 2;              // 0 is the listener, 1 the mailbox
  std::vector<std::uint64_t> read_again_;  // had more than one turn's worth to read
  std::vector<std::uint64_t> closed_;
  std::vector<Job> batch_;  // complete requests of this turn
  std::size_t room_ = 0;    // in the workers' queue, this turn
  std::size_t announced_bytes_ = 0;
  std::vector<Message> messages_;
  ResponseWriter writer_;
  std::unique_ptr<std::array<char, 64 << 10>> scratch_;

  Instant now_;
  std::time_t wall_ = 0;
  Instant next_sweep_ = Instant::max();
  Instant accept_again_ = Instant::max();
  std::atomic<bool> drain_asked_ = false;
  bool draining_ = false;
  Instant drain_deadline_ = Instant::max();
};

}  // namespace amends::rest
