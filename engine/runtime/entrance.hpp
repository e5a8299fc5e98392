// Where callers come in: their calls go into the inbox, or are answered here when there is no room for them.
#pragma once
#include <functional>
#include <vector>

#include "engine/runtime/inbox.hpp"
#include "engine/runtime/standing.hpp"

namespace amends::engine {

// Any thread. Each callback is called once: from the loop, where it must not block; or before the call
// returns, when too many starts are waiting already, or the loop has stopped.
class Entrance {
 public:
  Entrance(Inbox& inbox, Standing& standing, std::size_t starts_waiting_max)
      : inbox_(inbox), standing_(standing), starts_waiting_max_(starts_waiting_max) {}

  void start(StartCall call, std::function<void(const StartReply&)> answer);
  void start(std::vector<PostedStart> batch);
  void command(CommandCall call, std::function<void(const CommandReply&)> answer);
  void wait(SagaId saga, Elapsed until, std::function<void(WaitOutcome)> answer);

 private:
  Inbox& inbox_;
  Standing& standing_;
  const std::size_t starts_waiting_max_;
};

}  // namespace amends::engine
