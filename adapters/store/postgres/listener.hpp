// Hears what other engines and SQL left for us: LISTEN on a connection of its own.
#pragma once
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "adapters/store/postgres/address.hpp"
#include "engine/base/saga_id.hpp"

struct pg_conn;

namespace amends::postgres {

// Any thread. Its thread connects again a second after the connection broke, and calls wake() then: what was
// said in between is lost.
class Listener {
 public:
  Listener(const Address& address, std::function<void()> wake);
  ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  // Commands for other shards wake nobody.
  void set_owned(std::vector<engine::ShardId> owned);

 private:
  void run();
  void listen(pg_conn& connection);   // until it breaks, or it is over
  bool wait(int socket, int millis);  // false when it is over
  bool concerns(const char* channel, const char* payload);

  const Address& address_;
  const std::function<void()> wake_;
  std::mutex mutex_;  // guards the next
  std::vector<engine::ShardId> owned_;
  int over_[2] = {-1, -1};  // a pipe: closed when it is over
  std::thread thread_;
};

}  // namespace amends::postgres
