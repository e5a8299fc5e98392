#include "adapters/effect/local/answer.hpp"

namespace amends::effect_local {

const std::array<RefusalRow, 8>& refusal_rows() {
  using engine::Outcome;
  static const std::array<RefusalRow, 8> rows{{
      {Refusal::unknown_endpoint, Outcome::transient, "unknown_endpoint",
       "local steps have one endpoint, 'pool'"},
      {Refusal::not_begun_in_time, Outcome::transient, "not_begun_in_time",
       "no worker thread was free before the attempt's time was over"},
      {Refusal::lease_lost, Outcome::transient, "lease_lost",
       "the engine's lease was over before it was called: another engine may call it"},
      {Refusal::still_running, Outcome::transient, "still_running",
       "an earlier call of this step has not come back yet"},
      {Refusal::threads_stuck, Outcome::transient, "threads_stuck",
       "too many local functions have not come back: no thread is left"},
      {Refusal::stopping, Outcome::transient, "stopping", "the engine stops"},
      {Refusal::timeout, Outcome::unknown, "timeout", "the function did not return in time"},
      {Refusal::stopped, Outcome::unknown, "stopped", "the engine stopped while the function was at work"},
  }};
  return rows;
}

engine::Answered answer(const engine::Attempt& attempt, engine::Reply reply) {
  return {attempt.saga, attempt.step, attempt.direction, attempt.number, std::move(reply)};
}

engine::Answered answer(const engine::Attempt& attempt, Refusal refusal) {
  const RefusalRow& row = refusal_rows()[static_cast<std::size_t>(refusal)];
  engine::Reply reply;
  reply.outcome = row.outcome;
  reply.error_class = row.error_class;
  reply.error = row.sentence;
  return answer(attempt, std::move(reply));
}

}  // namespace amends::effect_local
