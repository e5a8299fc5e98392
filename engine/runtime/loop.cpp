#include "engine/runtime/loop.hpp"
#include "engine/base/buggify.hpp"

#include <algorithm>
#include <utility>

namespace amends::engine {

Loop::Loop(LoopOptions options, LoopParts parts, std::vector<PlanPtr> plans)
    : options_(std::move(options)),
      shared_(options_.shard.shared),
      clock_(parts.clock),
      catalog_(parts.catalog),
      adapters_(std::move(parts.adapters)),
      observer_(parts.observer),
      lease_(parts.lease),
      inbox_(parts.inbox),
      standing_(parts.standing),
      writer_(parts.writer),
      prepares_(parts.prepares),
      shard_(options_.shard, std::move(plans), parts.entropy, parts.observer) {}

void Loop::begin(const Writer& writer) {
  shard_.adopt(writer);
  if (shared_) {
    lease_.begin(writer.epoch);
    shard_.recovered();
  } else {
    writer_.post(LoadJob{shard_.horizon(time())});
  }
}

void Loop::deliver(std::vector<Answered> answers) {
  inbox_.put(&InboxItems::replies, answers);
}

void Loop::turn(InboxItems& items, Now now) {
  take_reports(items.reports, now);
  for (PrepareResult& result : items.prepared) {
    look_for_reports();
    shard_.prepared(std::move(result), now);
  }
  for (Answered& answer : items.replies) {
    look_for_reports();
    doubt_unfit(answer);
    shard_.replied(std::move(answer), now);
    prepare(now);  // so that its row is ready when the next flush is taken, perhaps in this turn
  }
  take_commands(items.commands, now);
  take_starts(items.starts, now);
  shard_.wake(now);
  prepares_.tend();
  if (!held_.empty() && lease_.stands()) hand_out(std::exchange(held_, {}));
  take_waits(items.waits);
  dispatch(now);
  waiters_.expire(now.elapsed);
  flush(now);
  if (shared_) tend_shards(now);
  if (auto look = shard_.take_look(now)) writer_.post(LookJob{std::move(*look)});
  if (std::exchange(recheck_waits_, false)) {
    waiters_.recheck([this](const SagaId& saga) { return look_for(saga); });
    dispatch(now);
  }
  explain();
  if (now.elapsed < purge_at_ || shard_.phase() != Shard::Phase::working) return;
  purge_at_ = now.elapsed + options_.purge_every;
  writer_.post(PurgeJob{});
}

void Loop::explain() {
  const bool well = standing_.ready && standing_.writing == Readiness::ready;
  if (well && !explained_) return;
  standing_.explain(well ? std::string() : shard_.why_no_starts());
  explained_ = !well;
}

void Loop::take_commands(std::vector<PostedCommand>& commands, Now now) {
  for (PostedCommand& posted : commands) {
    if (command_calls_.open() >= options_.commands_waiting_max) {
      posted.answer({0, CommandStatus::unavailable, {}, "too many commands are waiting"});
      continue;
    }
    posted.call.token = command_calls_.keep(std::move(posted.answer));
    shard_.command(std::move(posted.call), now);
  }
}

void Loop::take_starts(std::vector<PostedStart>& starts, Now now) {
  standing_.starts_waiting -= starts.size();
  for (PostedStart& posted : starts) {
    look_for_reports();
    if (standing_.stopping) {
      posted.answer(start_while_stopping());
    } else if (start_calls_.open() >= options_.starts_waiting_max) {
      posted.answer({0, StartStatus::unavailable, {}, "too many starts are waiting"});
    } else {
      posted.call.token = start_calls_.keep(std::move(posted.answer));
      shard_.start(std::move(posted.call), now);
      prepare(now);
    }
  }
}

void Loop::flush(Now now) {
  wait_until_.reset();
  if (shard_.flushing()) return;
  const Shard::Writing rows = shard_.writing(now);
  std::size_t share = Pace::all;
  if (!rows.urgent && rows.ready > 0) {
    share = pace_.share({rows.ready, rows.held + rows.asking}, now.elapsed - landed_at_);
    if (AMENDS_BUGGIFY("flush one")) share = 1;
    if (AMENDS_BUGGIFY("flush all")) share = Pace::all;
    if (share == 0) {
      wait_until_ = landed_at_ + pace_.patience();
      return;
    }
  }
  if (const Batch* batch = shard_.take_batch(now, share)) writer_.post(CommitJob{batch});
}

// A result of another type than the step's is found here, not by the step that uses it, perhaps after the
// point of no return. It may have happened, so it is asked again; nothing is kept that no later step can
// read.
void Loop::doubt_unfit(Answered& answer) const {
  if (answer.direction != Direction::run || answer.reply.outcome != Outcome::done) return;
  const Plan* plan = shard_.find_plan(answer.saga);
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

void Loop::take_waits(std::vector<PostedWait>& waits) {
  for (PostedWait& wait : waits) {
    if (standing_.stopping)
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
std::optional<WaitOutcome> Loop::look_for(const SagaId& saga) {
  if (shard_.find_rest(saga)) return WaitOutcome::rested;
  if (shard_.is_live(saga) || shard_.phase() != Shard::Phase::working) return std::nullopt;
  switch (shard_.tenures().of(saga.shard())) {
    case Tenure::loading: return std::nullopt;
    case Tenure::ours: return shard_.seek(saga) ? std::nullopt : std::optional(WaitOutcome::time_up);
    case Tenure::leaving:
    case Tenure::none: break;
  }
  return shared_ ? WaitOutcome::elsewhere : WaitOutcome::not_live;
}

std::optional<Micros> Loop::wait_limit(Now now) const {
  std::optional<Micros> limit = shard_.next_due(now, !wait_until_);
  const auto earlier = [&limit](Micros wait) {
    wait = std::max(wait, Micros(0));
    if (!limit || wait < *limit) limit = wait;
  };
  if (wait_until_) earlier(*wait_until_ - now.elapsed);
  if (const auto until = waiters_.next()) earlier(*until - now.elapsed);
  if (prepares_.busy()) earlier(Millis(2));
  if (standing_.stopping) earlier(Millis(5));
  if (shard_.phase() == Shard::Phase::working) {  // else it is put off, for as long as the store is down
    earlier(purge_at_ - now.elapsed);
    if (shared_ && !tending_) earlier(tend_at_ - now.elapsed);
  }
  if (shard_.tenures().leaving()) earlier(Millis(5));
  // The wall clock may be set while we sleep: look at it now and then.
  if (limit) limit = std::min<Micros>(*limit, Millis(1'000));
  return limit;
}

bool Loop::finished(bool quiet) {
  if (standing_.fenced || !opened_) return true;
  if (!quiet || shard_.phase() != Shard::Phase::working || shard_.has_work()) return false;
  return !shared_ || has_left();
}

// Whoever calls after this is answered at once: nobody is left who would take it out of the inbox.
void Loop::answer_rest() {
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
