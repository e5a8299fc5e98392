// What a shard writes, and what it lets go once that is durable.
#include <algorithm>

#include "engine/base/buggify.hpp"
#include "engine/base/check.hpp"
#include "engine/runtime/saga_row.hpp"
#include "engine/runtime/shard.hpp"

namespace amends::engine {

const Batch* Shard::take_batch(Now now, std::size_t sagas_max) {
  if (flight_ || phase_ != Phase::working) return nullptr;
  if (now.elapsed < rest_until_) return nullptr;
  if (!retry_.empty()) {
    flight_ = std::move(retry_.front());
    retry_.pop_front();
    return &flight_->batch;
  }

  Flush flush;
  for (SagaRow& row : aside_rows_) {
    FlushItem item;
    item.saga = row.id;
    item.update = static_cast<std::uint32_t>(flush.batch.updates.size());
    flush.batch.updates.push_back(std::move(row));
    flush.items.push_back(std::move(item));
  }
  aside_rows_.clear();
  put_owed(flush);
  std::size_t kept = 0;
  sagas_max = std::min(sagas_max, options_.sagas_per_flush_max);
  for (Live* live : listed_) {
    const bool later = AMENDS_BUGGIFY("in the next flush");
    if (flush.items.size() < sagas_max && ready(*live, now) && !later)
      put(*live, now, flush);
    else
      listed_[kept++] = live;
  }
  listed_.resize(kept);
  // A store that refused is asked with an empty flush when there is nothing else: starts are not let in
  // before it has taken one, so none would find out that there is room again.
  if (flush.empty() && resting_class_.empty()) return nullptr;
  flight_ = std::move(flush);
  return &flight_->batch;
}

// Takes what `live` has to write. Its saga row is the fold at the journal row that goes with it.
void Shard::put(Live& live, Now now, Flush& into) {
  FlushItem item;
  item.saga = live.saga.id;
  if (live.starting || live.row_due) {
    SagaRow row = saga_row(live.saga, live.plan.get(), live.plan->workflow());
    live.row_wake_at = row.wake_at;
    live.row_due = false;
    if (live.starting) {
      NewSaga fresh{std::move(row), std::nullopt, std::move(live.starting->tags)};
      if (live.starting->posted) item.done.push_back({*live.starting->posted, "accepted", {}});
      if (!live.saga.key.empty() && !live.starting->posted)
        fresh.key = {live.plan->workflow(), live.saga.key, std::move(live.starting->body_hash),
                     now.wall + options_.keys_retention};
      item.token = live.starting->token;
      item.start = static_cast<std::uint32_t>(into.batch.starts.size());
      into.batch.starts.push_back(std::move(fresh));
      if (AMENDS_PLANTED("ack_before_commit")) {
        answer_start(item.token, StartStatus::created, item.saga, {});
        item.start = no_row;
      }
      live.starting.reset();
    } else {
      item.update = static_cast<std::uint32_t>(into.batch.updates.size());
      into.batch.updates.push_back(std::move(row));
    }
  }
  if (live.pending) {
    live.pending->body.push_back(']');
    item.journal = static_cast<std::uint32_t>(into.batch.journal.size());
    into.batch.journal.push_back(
        {live.saga.id, live.saga.seq, live.pending->at, std::move(live.pending->body), 0, 0});
    item.attempts = std::move(live.pending->attempts);
    item.since = live.pending->since;
    item.answers = std::move(live.pending->answers);
    for (const CommandReply& answer : item.answers)
      if (answer.posted) item.done.push_back(done_of(answer));
    live.pending.reset();
  }
  if (live.saga.state != live.reported) {
    live.reported = live.saga.state;
    if (is_terminal(live.reported) || live.reported == SagaState::needs_operator)
      item.rests = Rested{live.saga.id, live.reported};
  }
  if (AMENDS_PLANTED("hand_out_before_commit"))
    for (Attempt& attempt : std::exchange(item.attempts, {})) outputs_.attempts.push_back(std::move(attempt));
  live.listed = false;
  ++live.unlanded;
  into.batch.answered.insert(into.batch.answered.end(), item.done.begin(), item.done.end());
  into.items.push_back(std::move(item));
}

void Shard::acknowledge(const CommitResult& result, Now now) {
  AMENDS_CHECK(flight_, "a commit was reported that was never asked for");
  Flush flush = std::move(*flight_);
  flight_.reset();
  if (result.status == CommitStatus::refused) flush = without_strangers(std::move(flush));
  if (result.status != CommitStatus::committed)
    observer_.metrics.flush_failures.fetch_add(1, std::memory_order_relaxed);
  switch (result.status) {
    case CommitStatus::committed: return landed(std::move(flush), result);
    case CommitStatus::refused:
      return result.error_class == "data" ? refused_for_data(std::move(flush), result)
                                          : refused_for_room(std::move(flush), result, now);
    case CommitStatus::fenced:
      retry_.push_front(std::move(flush));
      fail_callers("another engine has taken over this store");
      drop_everything();
      phase_ = Phase::fenced;
      return;
    case CommitStatus::unknown:
      if (!result.error.empty()) observer_.note(Severity::warning, result.error);
      fail_callers("the store is being asked again; nothing was decided");
      drop_everything();
      doubt_ = std::move(flush);
      phase_ = Phase::in_doubt;
      return;
  }
}

// ---- refusals --------------------------------------------------------------------------------------------

// No room: starts hear of it and are gone, everything acknowledged stays and is tried again.
void Shard::refused_for_room(Flush flush, const CommitResult& result, Now now) {
  const std::string before =
      std::exchange(resting_class_, result.error_class.empty() ? "io" : result.error_class);
  const bool full = resting_class_ == "disk_full";
  resting_sentence_ = (full ? "the store has no room: " : "the store cannot write now: ") + result.error;
  retry_.push_front(std::move(flush));
  answer_waiting();
  const Millis pause = std::min(options_.retry_first * (1 << std::min(rests_, 10u)), options_.retry_max);
  ++rests_;
  rest_until_ = now.elapsed + pause;
  if (before == resting_class_) return;  // said already; what changes is said
  observer_.note(Severity::error, "the store refuses flushes, which are tried again: " + result.error);
}

// Nobody waits for a store that may refuse for hours. A start that is not durable is forgotten. A command was
// decided and stays: its saga has gone on from it in memory.
void Shard::answer_waiting() {
  const StartStatus status =
      resting_class_ == "disk_full" ? StartStatus::disk_full : StartStatus::unavailable;
  const auto answer_commands = [this](std::vector<CommandReply>& answers) {
    // What came through the store has nobody who waits, and is decided but once: it stays with its row.
    std::vector<CommandReply> waiting = std::exchange(answers, {});
    for (CommandReply& answer : waiting) {
      if (answer.posted) {
        answers.push_back(std::move(answer));
        continue;
      }
      fail_command(std::move(answer), resting_sentence_ +
                                          "; the command takes effect once it can be written, "
                                          "unless the engine is started again before that");
      if (resting_class_ == "disk_full") outputs_.commands.back().status = CommandStatus::disk_full;
    }
  };
  std::vector<std::pair<Token, SagaId>> starts;
  for (Flush& flush : retry_) {
    std::vector<bool> kept;
    for (FlushItem& item : flush.items) {
      answer_commands(item.answers);
      if (item.starts()) starts.emplace_back(item.token, item.saga);
      kept.push_back(!item.starts());
    }
    flush = select(std::move(flush), [&kept](std::size_t i) { return kept[i]; });
  }
  std::erase_if(retry_, [](const Flush& flush) { return flush.empty(); });
  for (Live* live : listed_) {
    if (live->starting) starts.emplace_back(live->starting->token, live->saga.id);
    if (live->pending) answer_commands(live->pending->answers);
  }
  for (const auto& [token, saga] : starts) {
    answer_start(token, status, saga, resting_sentence_);
    forget(saga);
  }
}

void Shard::tell_parked(const Live& live) {
  const Cause& cause = live.saga.cause;
  observer_.parked({live.saga.id.text(), live.saga.plan_id,
                    cause.step ? stuck_name(live.saga, *live.plan, *cause.step) : std::string(),
                    cause.error_class, cause.error});
}

void Shard::refused_for_data(Flush flush, const CommitResult& result) {
  if (flush.items.empty()) return;
  if (flush.items.size() == 1) return isolate(std::move(flush.items.front()), result);
  auto [first, second] = split(std::move(flush));
  retry_.push_front(std::move(second));
  retry_.push_front(std::move(first));
}

// The one whose data the store does not take, alone at last.
void Shard::isolate(FlushItem item, const CommitResult& result) {
  observer_.note(Severity::error,
                 "the store refuses the data of saga " + item.saga.text() + ": " + result.error);
  for (CommandReply& answer : item.answers)
    fail_command(std::move(answer), "the store does not take the data of this saga; it is being parked");
  if (item.starts()) {
    for (const CommandDone& done : item.done)
      invalid_.push_back({done.command, "invalid", "the store does not take this data"});
    answer_start(item.token, StartStatus::invalid, item.saga, "the store does not take this data");
    return forget(item.saga);
  }
  const Live* live = find(item.saga);
  if (!live) return;  // set aside
  const bool twice = live->refused;
  forget(item.saga);
  if (twice) {
    aside_[item.saga] = {.why = "store_refuses_data"};
    return;
  }
  reloading_.insert(item.saga);
  outputs_.reloads.push_back(item.saga);
}

}  // namespace amends::engine
