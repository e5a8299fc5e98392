// Sagas that sleep: whoever waits for long, or rests with an operator, leaves memory, and the store alone
// knows it. What comes due is read back in time, and what somebody asks for at once.
//
// The saga row's wake_at is never later than the saga's next own movement. So a look over the rows misses
// none, and after a crash whatever has a later one needs nothing.
#include <algorithm>

#include "engine/base/buggify.hpp"
#include "engine/runtime/shard.hpp"

namespace amends::engine {

WallTime Shard::horizon(Now now) {
  if (horizon_ == WallTime{}) horizon_ = now.wall + options_.cold_after;
  return horizon_;
}

std::optional<Shard::Look> Shard::take_look(Now now) {
  if (phase_ != Phase::working || looking_ || horizon_ == WallTime{}) return std::nullopt;
  const WallTime until = now.wall + options_.cold_after;
  if (until - horizon_ < options_.cold_after / (AMENDS_BUGGIFY("early look") ? 64 : 2)) return std::nullopt;
  // A shard that is being read back is so only up to the horizon that stood when that was asked for.
  Look look{tenures_.ours(), horizon_ + Micros(1), until};
  const std::vector<ShardId> loading = tenures_.all_of(Tenure::loading);
  look.shards.insert(look.shards.end(), loading.begin(), loading.end());
  horizon_ = until;
  if (look.shards.empty()) return std::nullopt;
  looking_ = true;
  return look;
}

bool Shard::seek(const SagaId& saga) {
  if (sought_.contains(saga)) return true;
  if (sought_.size() >= options_.sought_max || AMENDS_BUGGIFY("seek nobody")) return false;
  sought_[saga];
  outputs_.reloads.push_back(saga);
  return true;
}

// Its rows are durable and exact, and nothing of it is under way.
bool Shard::is_cold(const Live& live, Now now) const {
  if (live.listed || live.unlanded > 0 || live.preparing > 0 || live.busy > 0) return false;
  if (live.parked) return !live.row_wake_at;
  return live.row_wake_at && *live.row_wake_at > std::max(horizon_, now.wall + options_.cold_after);
}

void Shard::let_sleep(Now now) {
  for (const SagaId& id : std::exchange(quiet_, {}))
    if (const Live* live = find(id); live && is_cold(*live, now)) forget(id);
}

void Shard::drop_timers(std::size_t count) {
  if (count == 0) return;
  timers_.drop(count, [this](const Timers::Due& due) {
    const Live* live = find(due.saga);
    return live && std::any_of(live->timers.begin(), live->timers.end(), [&due](const Timer& timer) {
             return timer.leg == due.leg && timer.at == due.at;
           });
  });
}

// Out of memory, with all that was asked of those that were not in it yet.
void Shard::send_away(const std::function<bool(const SagaId&)>& whose) {
  std::size_t timers = 0;
  std::erase_if(live_, [&](const auto& one) {
    if (!whose(one.first)) return false;
    timers += one.second->timers.size();
    return true;
  });
  drop_timers(timers);
  std::erase_if(sought_, [&](const auto& one) {
    if (!whose(one.first)) return false;
    for (const CommandCall& call : one.second)
      outputs_.commands.push_back(
          {call.token, CommandStatus::elsewhere, {}, "the saga is in the hands of another engine", {}});
    return true;
  });
}

}  // namespace amends::engine
