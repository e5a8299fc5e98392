// How attempts leave the engine and their replies come back.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/saga_id.hpp"
#include "engine/base/time.hpp"
#include "engine/definition/outcome.hpp"
#include "engine/definition/plan.hpp"
#include "engine/definition/request.hpp"
#include "engine/ports/lease.hpp"

namespace amends::engine {

// One delivery of a request; its intent is already committed when an adapter sees it.
struct Attempt {
  SagaId saga;
  StepIndex step = 0;
  Direction direction = Direction::run;
  std::uint32_t number = 1;      // from 1, over both revisions and restarts
  std::uint64_t epoch = 0;       // of the writer that handed it out
  const Lease* lease = nullptr;  // of that writer, which stops the adapters before it goes; nullptr: no limit
  std::string step_name;         // the step's, also for its undo
  std::string key;               // "{saga}/{step}/{run|undo}/{revision}", [A-Za-z0-9._:/\[\]-]{1,200}
  RequestPtr request;
  Millis timeout{5'000};
  WallTime not_after{};  // a participant that keeps the barrier refuses it later than this

  // Ask right before a byte is sent. When it says no, answer transient, "lease_lost": surely not sent.
  bool may_be_sent() const { return lease == nullptr || lease->covers(saga, epoch); }
};

// The answer to one attempt; every submitted attempt is answered exactly once.
struct Answered {
  SagaId saga;
  StepIndex step = 0;
  Direction direction = Direction::run;
  std::uint32_t number = 1;
  Reply reply;
  bool counted = true;  // false: the engine itself kept it from being sent
};

// Where adapters deliver. Any thread; does not block on I/O. Deliver in batches where several came together.
class ReplySink {
 public:
  virtual ~ReplySink() = default;
  virtual void deliver(std::vector<Answered> answers) = 0;
};

class EffectAdapter {
 public:
  virtual ~EffectAdapter() = default;

  // What a Request::adapter names it by: "http".
  virtual std::string_view name() const = 0;
  // Nothing when no endpoint of that name is configured. The facts do not change while the adapter lives. Any
  // thread.
  virtual const EndpointFacts* find_endpoint(std::string_view endpoint) const = 0;
  // Takes the attempts and returns at once; the sink hears of each exactly once, even when its endpoint does
  // not exist (transient, "unknown_endpoint": surely not sent, and an operator can mend it) or the adapter is
  // being stopped before a byte was sent (transient, "stopping").
  virtual void submit(std::vector<Attempt> attempts, ReplySink& sink) = 0;
  // Waits up to `limit` for attempts in flight, then cuts the rest; they answer unknown. After it, submit
  // answers "stopping".
  virtual void stop(Millis limit) = 0;
  // Attempts taken and not yet answered. Any thread.
  virtual std::size_t in_flight() const = 0;
};

}  // namespace amends::engine
