// What a flush that landed lets go.
#include <algorithm>

#include "engine/base/failpoint.hpp"
#include "engine/runtime/shard.hpp"

namespace amends::engine {

void Shard::landed(Flush flush, const CommitResult& result) {
  ++commit_seq_;
  if (!resting_class_.empty()) {
    observer_.note(Severity::info, "the store takes flushes again, after it refused " +
                                       std::to_string(rests_) + (rests_ == 1 ? " flush" : " flushes"));
    refused_until_ = rest_until_;
  }
  rests_ = 0;
  rest_until_ = {};
  resting_class_.clear();
  // Before the next flush is taken: nothing more of a saga that is not there may be written.
  if (!result.taken.empty()) drop_taken(flush, result.taken);
  landed_ = std::move(flush);
}

// Answers the starts whose keys another saga has.
void Shard::drop_taken(Flush& flush, const std::vector<KeyTaken>& taken) {
  std::vector<const KeyTaken*> by_start(flush.batch.starts.size(), nullptr);
  for (const KeyTaken& key : taken) by_start[key.start] = &key;
  std::erase_if(flush.items, [&](const FlushItem& item) {
    const KeyTaken* other = item.starts() ? by_start[item.start] : nullptr;
    if (!other) return false;
    const bool same = flush.batch.starts[item.start].key->body_hash == other->body_hash;
    observer_.metrics.duplicates.fetch_add(1, std::memory_order_relaxed);
    answer_start(item.token, same ? StartStatus::same : StartStatus::key_conflict, other->saga, {});
    forget(item.saga);
    return true;
  });
}

void Shard::let_go(Now now) {
  if (!landed_) return;
  Flush flush = std::move(*landed_);
  landed_.reset();
  ++landings_;
  asking_ = 0;
  AMENDS_FAILPOINT_HERE("before_handout");
  Micros waited{};
  for (const FlushItem& item : flush.items)
    // A store that refused flushes for hours tells nothing of the next flush.
    if (!item.attempts.empty()) waited = std::max(waited, now.elapsed - std::max(item.since, refused_until_));
  lag_.landed(waited);
  for (FlushItem& item : flush.items) release(std::move(item), now);
}

// The item is durable: what waited for that may go.
void Shard::release(FlushItem item, Now now) {
  Live* const live = find(item.saga);
  if (live && live->unlanded > 0 && --live->unlanded == 0) quiet_.push_back(item.saga);
  for (const CommandDone& done : item.done)
    if (done.verdict == "invalid") observer_.metrics.commands_refused.fetch_add(1, std::memory_order_relaxed);
  if (item.starts()) {
    AMENDS_FAILPOINT_HERE("start_before_ack");
    observer_.metrics.started.fetch_add(1, std::memory_order_relaxed);
    answer_start(item.token, StartStatus::created, item.saga, {});
  }
  if (!item.answers.empty()) AMENDS_FAILPOINT_HERE("command_before_ack");
  std::move(item.answers.begin(), item.answers.end(), std::back_inserter(outputs_.commands));
  // The next owner of a shard that is given away finds the intents, and sends them.
  auto* const tenancy = tenures_.find(item.saga.shard());
  if (!tenancy || tenancy->tenure == Tenure::leaving) item.attempts.clear();
  if (live && !item.attempts.empty()) {
    live->landing = landings_;
    live->landed_at = now.elapsed;
    asking_ += item.attempts.size();
  }
  for (Attempt& attempt : item.attempts) {
    if (attempt.not_after >= now.wall) {
      // A store that was taken over anew meanwhile, after a read had failed, has begun another epoch.
      attempt.epoch = epoch_;
      ++tenancy->sent;
      outputs_.attempts.push_back(std::move(attempt));
      continue;
    }
    // The flush came so late that an undo may already count on this attempt not arriving any more. The next
    // one has more time.
    Reply late;
    late.outcome = Outcome::transient;
    late.error_class = "flushed_late";
    late.error = "the attempt's time was over before its intent was durable; it was not sent";
    expired_.push_back(
        {attempt.saga, attempt.step, attempt.direction, attempt.number, std::move(late), false});
  }
  if (item.rests) {
    observer_.metrics.reached[static_cast<std::size_t>(item.rests->state)].fetch_add(
        1, std::memory_order_relaxed);
    outputs_.rested.push_back(*item.rests);
    if (is_terminal(item.rests->state)) return forget(item.saga);
    if (live && live->saga.state == SagaState::needs_operator) {
      live->parked = true;
      tell_parked(*live);
    }
  }
}

void Shard::answer_start(Token token, StartStatus status, const SagaId& saga, std::string sentence) {
  outputs_.starts.push_back({token, status, saga, std::move(sentence)});
}

// Drops a saga from memory, with what it was about to write.
void Shard::forget(const SagaId& id) {
  const auto it = live_.find(id);
  if (it == live_.end()) return;
  Live& live = *it->second;
  if (live.pending)
    for (CommandReply& answer : live.pending->answers)
      fail_command(std::move(answer), "the saga could not be written; nothing was decided");
  if (live.listed) std::erase(listed_, &live);
  const std::size_t timers = live.timers.size();
  live_.erase(it);
  drop_timers(timers);
}

}  // namespace amends::engine
