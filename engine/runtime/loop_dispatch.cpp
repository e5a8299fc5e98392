// What leaves the shard: attempts, functions to ask, answers.
#include <utility>

#include "engine/runtime/loop.hpp"

namespace amends::engine {

// What no author's function is needed for is prepared here: a trip to another thread and back costs more.
void Loop::prepare(Now now) {
  std::vector<PrepareJob>& asked = shard_.asked();
  for (std::size_t i = 0; i < asked.size(); ++i) {
    PrepareJob job = std::move(asked[i]);
    if (auto result = prepares_.prepare_at_once(job))
      shard_.prepared(std::move(*result), now);  // may ask for more
    else
      for_authors_.push_back(std::move(job));
  }
  asked.clear();
}

// Attempts leave only here, after their commit.
void Loop::dispatch(Now now) {
  prepare(now);
  Outputs outputs = shard_.take_outputs();
  hand_out(std::move(outputs.attempts));
  prepares_.submit(std::exchange(for_authors_, {}));
  if (!outputs.reloads.empty()) writer_.post(ReloadJob{std::move(outputs.reloads)});
  for (const StartReply& reply : outputs.starts) start_calls_.answer(reply);
  for (const CommandReply& reply : outputs.commands) command_calls_.answer(reply);
  for (const Rested& rested : outputs.rested) waiters_.rested(rested.saga);
}

void Loop::hand_out(std::vector<Attempt> attempts) {
  if (shared_) attempts = covered(std::move(attempts));
  // While stopping, intents stay unsent: the next owner of the store finds them lost, and sends them. Where
  // it is shared, their shards are leaving, and the same holds.
  if (!attempts.empty() && (shared_ || !standing_.stopping)) {
    if (adapters_.size() == 1) {
      adapters_.front()->submit(std::move(attempts), *this);
    } else {
      for (EffectAdapter* adapter : adapters_) {
        std::vector<Attempt> its;
        for (Attempt& attempt : attempts)
          if (attempt.request->adapter == adapter->name()) its.push_back(std::move(attempt));
        std::erase_if(attempts, [](const Attempt& a) { return a.request == nullptr; });
        if (!its.empty()) adapter->submit(std::move(its), *this);
      }
      answer_homeless(std::move(attempts));
    }
  }
  std::size_t in_flight = 0;
  for (const EffectAdapter* adapter : adapters_) in_flight += adapter->in_flight();
  observer_.metrics.in_flight.store(in_flight, std::memory_order_relaxed);
}

// Their adapter was there when they were prepared, and is not configured any more.
void Loop::answer_homeless(std::vector<Attempt> attempts) {
  std::vector<Answered> answers;
  for (const Attempt& attempt : attempts) {
    Reply reply;
    reply.outcome = Outcome::transient;
    reply.error_class = "unknown_adapter";
    reply.error = "there is no adapter '" + attempt.request->adapter + "'";
    answers.push_back({attempt.saga, attempt.step, attempt.direction, attempt.number, std::move(reply)});
  }
  deliver(std::move(answers));
}

// Those that may leave now. What is still ours waits for the lease; the rest belongs to another owner.
std::vector<Attempt> Loop::covered(std::vector<Attempt> attempts) {
  std::vector<Attempt> out;
  std::vector<Answered> late;
  for (Attempt& attempt : attempts) {
    if (!lease_.owns(attempt.saga, attempt.epoch)) continue;
    if (!lease_.stands()) {
      held_.push_back(std::move(attempt));
    } else if (attempt.not_after < clock_.wall()) {
      Reply reply;
      reply.outcome = Outcome::transient;
      reply.error_class = "lease_lost";
      reply.error = "the engine's hold on the store was renewed too late; it was not sent";
      late.push_back({attempt.saga, attempt.step, attempt.direction, attempt.number, std::move(reply)});
    } else {
      attempt.lease = &lease_;
      out.push_back(std::move(attempt));
    }
  }
  deliver(std::move(late));
  return out;
}

}  // namespace amends::engine
