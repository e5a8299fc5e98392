// The loop: takes what came, lets the shard decide, hands on what follows.
#include <algorithm>

#include "engine/base/check.hpp"
#include "engine/runtime/engine.hpp"
#include "engine/runtime/thread_name.hpp"

namespace amends::engine {

void Engine::run() {
  name_this_thread("amends-loop");
  InboxItems items;
  Now now = time();
  while (true) {
    // Read first: what adapters answered before it was set is then among the items.
    const bool finishing = finishing_;
    inbox_.take(items, wait_limit(now));
    const bool quiet = items.empty();
    now = time();
    turn(items, now);
    if (finishing && finished(now, quiet)) break;
  }
  answer_rest();
}

void Engine::turn(InboxItems& items, Now now) {
  take_reports(items.reports, now);
  for (PrepareResult& result : items.prepared) {
    look_for_reports();
    shard_->prepared(std::move(result), now);
  }
  for (Answered& answer : items.replies) {
    look_for_reports();
    doubt_unfit(answer);
    shard_->replied(std::move(answer), now);
  }
  for (PostedCommand& posted : items.commands) {
    if (command_calls_.open() >= options_.commands_waiting_max) {
      posted.answer({0, CommandStatus::unavailable, {}, "too many commands are waiting"});
      continue;
    }
    posted.call.token = command_calls_.keep(std::move(posted.answer));
    shard_->command(std::move(posted.call), now);
  }
  starts_waiting_ -= items.starts.size();
  for (PostedStart& posted : items.starts) {
    look_for_reports();
    if (stopping_) {
      posted.answer(start_while_stopping());
    } else if (start_calls_.open() >= options_.starts_waiting_max) {
      posted.answer({0, StartStatus::unavailable, {}, "too many starts are waiting"});
    } else {
      posted.call.token = start_calls_.keep(std::move(posted.answer));
      shard_->start(std::move(posted.call), now);
    }
  }
  shard_->wake(now);
  pool_->tend();
  if (!held_.empty() && lease_.stands()) hand_out(std::exchange(held_, {}));
  take_waits(items.waits);
  dispatch(shard_->take_outputs());
  waiters_.expire(now.elapsed);
  flush(now);
  if (shared_) tend_shards(now);
  if (auto look = shard_->take_look(now)) writer_->post(WriterThread::LookJob{std::move(*look)});
  if (std::exchange(recheck_waits_, false)) {
    waiters_.recheck([this](const SagaId& saga) { return look_for(saga); });
    dispatch(shard_->take_outputs());
  }
  if (now.elapsed < purge_at_ || shard_->phase() != Shard::Phase::working) return;
  purge_at_ = now.elapsed + options_.purge_every;
  writer_->post(WriterThread::PurgeJob{});
}

// Called for every item of a long turn: the store must not wait for its end.
void Engine::look_for_reports() {
  if (++looked_ % 8 != 0 || !inbox_.reported()) return;
  inbox_.take_reports(reports_);
  take_reports(reports_, time());
}

void Engine::flush(Now now) {
  wait_until_.reset();
  if (shard_->flushing()) return;
  const Shard::Writing rows = shard_->writing(now);
  std::size_t share = Pace::all;
  if (!rows.urgent && rows.ready > 0) {
    share = pace_.share({rows.ready, rows.held + rows.asking}, now.elapsed - landed_at_);
    if (share == 0) {
      wait_until_ = landed_at_ + pace_.patience();
      return;
    }
  }
  if (const Batch* batch = shard_->take_batch(now, share)) writer_->post(WriterThread::CommitJob{batch});
}

// A result of another type than the step's is found here, not by the step that uses it, perhaps after the
// point of no return. It may have happened, so it is asked again; nothing is kept that no later step can
// read.
void Engine::doubt_unfit(Answered& answer) const {
  if (answer.direction != Direction::run || answer.reply.outcome != Outcome::done) return;
  const Plan* plan = shard_->find_plan(answer.saga);
  if (!plan || answer.step >= plan->size() || plan->step(answer.step).result_is_nothing) return;
  if (catalog_.fits_result(*plan, answer.step, answer.reply.result)) return;
  const std::string wrong =
      catalog_.check_result(*plan, answer.step, Json::parse(answer.reply.result, nullptr, false));
  if (wrong.empty()) return;
  Reply unfit;
  unfit.outcome = Outcome::unknown;
  unfit.error_class = "reply_unfit";
  unfit.error = "it answered, but " + wrong;
  unfit.answered = true;
  answer.reply = std::move(unfit);
}

void Engine::take_waits(std::vector<PostedWait>& waits) {
  for (PostedWait& wait : waits) {
    if (stopping_)
      wait.answer(WaitOutcome::stopping);
    else if (const auto outcome = look_for(wait.saga))
      wait.answer(*outcome);
    else if (waiters_.size() >= options_.waits_max)
      // A client that asks and hangs up leaves its wait behind until its time is up.
      wait.answer(WaitOutcome::time_up);
    else
      waiters_.add(std::move(wait));
  }
}

// What one hears who waits for this saga; nothing while there is something to wait for. One that is not in
// memory is looked for in the store.
std::optional<WaitOutcome> Engine::look_for(const SagaId& saga) {
  if (shard_->find_rest(saga)) return WaitOutcome::rested;
  if (shard_->is_live(saga) || shard_->phase() != Shard::Phase::working) return std::nullopt;
  switch (shard_->tenures().of(saga.shard())) {
    case Tenure::loading: return std::nullopt;
    case Tenure::ours: return shard_->seek(saga) ? std::nullopt : std::optional(WaitOutcome::time_up);
    case Tenure::leaving:
    case Tenure::none: break;
  }
  return shared_ ? WaitOutcome::elsewhere : WaitOutcome::not_live;
}

// Attempts leave only here, after their commit.
void Engine::dispatch(Outputs outputs) {
  hand_out(std::move(outputs.attempts));
  pool_->submit(std::move(outputs.prepares));
  if (!outputs.reloads.empty()) writer_->post(WriterThread::ReloadJob{std::move(outputs.reloads)});
  for (const StartReply& reply : outputs.starts) start_calls_.answer(reply);
  for (const CommandReply& reply : outputs.commands) command_calls_.answer(reply);
  for (const Rested& rested : outputs.rested) waiters_.rested(rested.saga);
}

void Engine::hand_out(std::vector<Attempt> attempts) {
  if (shared_) attempts = covered(std::move(attempts));
  // While stopping, intents stay unsent: the next owner of the store finds them lost, and sends them. Where
  // it is shared, their shards are leaving, and the same holds.
  if (!attempts.empty() && (shared_ || !stopping_)) {
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
void Engine::answer_homeless(std::vector<Attempt> attempts) {
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

std::optional<Micros> Engine::wait_limit(Now now) const {
  std::optional<Micros> limit = shard_->next_due(now, !wait_until_);
  const auto earlier = [&limit](Micros wait) {
    wait = std::max(wait, Micros(0));
    if (!limit || wait < *limit) limit = wait;
  };
  if (wait_until_) earlier(*wait_until_ - now.elapsed);
  if (const auto until = waiters_.next()) earlier(*until - now.elapsed);
  if (pool_->busy()) earlier(Millis(2));
  if (stopping_) earlier(Millis(5));
  earlier(purge_at_ - now.elapsed);
  if (shared_ && !tending_) earlier(tend_at_ - now.elapsed);
  if (shard_->tenures().leaving()) earlier(Millis(5));
  // The wall clock may be set while we sleep: look at it now and then.
  if (limit) limit = std::min<Micros>(*limit, Millis(1'000));
  return limit;
}

bool Engine::finished(Now now, bool quiet) {
  if (fenced_ || now.elapsed.count() >= finish_until_ || !opened_) return true;
  if (!quiet || shard_->phase() != Shard::Phase::working || shard_->has_work()) return false;
  return !shared_ || has_left();
}

// Whoever calls after this is answered at once: nobody is left who would take it out of the inbox.
void Engine::answer_rest() {
  const InboxItems items = inbox_.close();
  for (const PostedStart& posted : items.starts) posted.answer(start_while_stopping());
  for (const PostedCommand& posted : items.commands) posted.answer(command_while_stopping());
  for (const PostedWait& wait : items.waits) wait.answer(WaitOutcome::stopping);
  start_calls_.answer_all({0,
                           StartStatus::unavailable,
                           {},
                           "the engine stopped before the outcome was known: ask again with the same key"});
  command_calls_.answer_all({0, CommandStatus::unavailable, {}, "the engine stopped: look at the saga"});
  waiters_.answer_all(WaitOutcome::stopping);
}

}  // namespace amends::engine
