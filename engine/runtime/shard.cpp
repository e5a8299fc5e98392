#include "engine/runtime/shard.hpp"
#include "engine/base/buggify.hpp"

#include <algorithm>

#include "engine/base/buggify.hpp"
#include "engine/base/check.hpp"
#include "engine/base/failpoint.hpp"

namespace amends::engine {

Shard::Shard(ShardOptions options, std::vector<PlanPtr> plans, Entropy& entropy, Observer& observer)
    : options_(options), entropy_(entropy), observer_(observer) {
  for (PlanPtr& plan : plans) plans_.emplace(plan->id(), std::move(plan));
  if (!options_.shared) tenures_.set(options_.shard, Tenure::loading);
}

Live* Shard::find(const SagaId& id) {
  const auto it = live_.find(id);
  return it == live_.end() ? nullptr : it->second.get();
}

const Saga* Shard::find_saga(const SagaId& id) const {
  const auto it = live_.find(id);
  return it == live_.end() ? nullptr : &it->second->saga;
}

const Plan* Shard::find_plan(const SagaId& id) const {
  const auto it = live_.find(id);
  return it == live_.end() ? nullptr : it->second->plan.get();
}

std::optional<SagaState> Shard::find_rest(const SagaId& id) const {
  const auto it = live_.find(id);
  if (it == live_.end()) return std::nullopt;
  const Live& live = *it->second;
  return live.parked ? std::optional(live.saga.state) : std::nullopt;
}

Outputs Shard::take_outputs() {
  // By difference: another shard of this process may count in the same place.
  const std::size_t told = std::exchange(live_told_, live_.size());
  observer_.metrics.live.fetch_add(live_.size() - told, std::memory_order_relaxed);
  return std::exchange(outputs_, Outputs{});
}

// ---- what happens ----------------------------------------------------------------------------------------

void Shard::start(StartCall call, Now now) {
  if (auto refused = refusal(call)) {
    refused->token = call.token;
    outputs_.starts.push_back(std::move(*refused));
    return;
  }
  if (!call.invalid.empty()) {
    answer_start(call.token, StartStatus::invalid, {}, call.invalid);
    invalid_.push_back({call.posted->command, "invalid", std::move(call.invalid)});
    return;
  }
  auto live = std::make_unique<Live>();
  if (call.saga) {
    live->saga.id = *call.saga;
  } else {
    const ShardId shard = draw_shard(call.draw);
    live->saga.id = SagaId::make(now.wall, shard, entropy_.draw());
  }
  live->plan = std::move(call.plan);
  live->starting = {call.token, std::move(call.body_hash), std::move(call.tags), {}};
  if (call.posted) live->starting->posted = call.posted->command;
  live->life = ++lives_;
  Live& placed = *live;
  const bool fresh = live_.emplace(placed.saga.id, std::move(live)).second;
  AMENDS_CHECK(fresh, "two sagas drew the same id");
  decide(placed, StartEvent{std::move(call.key), std::move(call.input)}, now);
}

void Shard::prepared(PrepareResult result, Now now) {
  Live* live = find(result.saga);
  // Dropped since it was asked for, or read back from the store: what it was built from may not have
  // happened.
  if (!live || live->life != result.life) return;
  --live->preparing;
  if (tenures_.of(result.saga.shard()) == Tenure::leaving) return;  // the next owner asks anew
  decide(*live, std::move(result.event), now);
}

void Shard::replied(Answered answer, Now now) {
  AMENDS_FAILPOINT_HERE("before_reply_journal");
  observer_.metrics
      .attempts[static_cast<std::size_t>(answer.direction)][static_cast<std::size_t>(answer.reply.outcome)]
      .fetch_add(1, std::memory_order_relaxed);
  if (auto* tenancy = tenures_.find(answer.saga.shard()); tenancy && tenancy->sent > 0) --tenancy->sent;
  Live* live = find(answer.saga);
  if (live && live->landing == landings_ && asking_ > 0) --asking_;
  if (!live) return;  // over, or not read back yet: then the attempt counts as lost and is sent again
  decide(*live,
         RepliedEvent{answer.step, answer.direction, answer.number, std::move(answer.reply), answer.counted},
         now);
}

void Shard::command(CommandCall call, Now now) {
  const SagaId saga = call.saga;
  if (live_.contains(saga) || aside_.contains(saga)) return obey(std::move(call), now);
  if (auto refused = refusal(call)) {
    outputs_.commands.push_back(std::move(*refused));
  } else if (seek(saga)) {
    sought_.at(saga).push_back(std::move(call));
  } else {
    outputs_.commands.push_back(
        {call.token, CommandStatus::unavailable, {}, "too many sagas are being read back; ask again", {}});
  }
}

void Shard::obey(CommandCall call, Now now) {
  if (auto refused = refusal(call)) {
    outputs_.commands.push_back(std::move(*refused));
    return;
  }
  if (aside_.contains(call.saga)) return command_aside(std::move(call), now);
  const Caller caller = caller_of(call);
  if (Live* live = find(call.saga)) return decide(*live, std::move(call.command), now, caller);
  settle({caller.token, CommandStatus::not_live, {}, "the saga is over", caller.posted});
}

void Shard::wake(Now now) {
  for (Answered& answer : std::exchange(expired_, {})) replied(std::move(answer), now);
  const WallTime until = now.wall + Millis(AMENDS_PLANTED("timer_early") ? 300 : 0);
  while (const auto due = timers_.take(until)) {
    AMENDS_FAILPOINT_HERE("timer_pop");
    Live* live = find(due->saga);
    if (!live || tenures_.of(due->saga.shard()) == Tenure::leaving) continue;
    std::erase_if(live->timers, [&](const Timer& t) { return t.leg == due->leg && t.at == due->at; });
    decide(*live, WokeEvent{due->leg.step, due->leg.direction}, now);
  }
  let_sleep(now);
}

Shard::Writing Shard::writing(Now now) const {
  Writing out;
  out.asking = landed_ ? landed_->items.size() : asking_;
  out.urgent = !retry_.empty() || !aside_rows_.empty() || !owed_.empty() || !invalid_.empty() ||
               !owed_.empty() || !invalid_.empty() || !resting_class_.empty();
  for (const Live* live : listed_) ++(ready(*live, now) ? out.ready : out.held);
  return out;
}

std::optional<Micros> Shard::next_due(Now now, bool rows) const {
  std::optional<Micros> out;
  const auto earlier = [&out](Micros wait) { out = std::max(Micros(0), out ? std::min(*out, wait) : wait); };
  if (const auto at = timers_.next()) earlier(*at - now.wall);
  if (!expired_.empty()) earlier(Micros(0));
  if (phase_ == Phase::working && horizon_ != WallTime{} && !looking_)
    earlier(horizon_ - options_.cold_after / 2 - now.wall);
  if (flight_ || phase_ != Phase::working) return out;
  if (!resting_class_.empty()) {
    earlier(rest_until_ - now.elapsed);
    return out;
  }
  if (!retry_.empty() || !aside_rows_.empty() || !owed_.empty() || !invalid_.empty()) earlier(Micros(0));
  for (const Live* live : listed_) {
    if (!rows && ready(*live, now)) continue;
    earlier(live->preparing == 0 ? Micros(0) : live->hold_until - now.elapsed);
    if (out == Micros(0)) break;
  }
  return out;
}

// ---- deciding --------------------------------------------------------------------------------------------

void Shard::decide(Live& live, decltype(Event::what) what, Now now, const Caller& caller) {
  const SagaState before = live.saga.state;
  Decision decision =
      lifecycle_.decide(live.saga, *live.plan, {now.wall, entropy_.draw(), std::move(what), lag_.slack()});
  if (live.saga.state != before) {
    live.row_due = true;
    live.parked = false;
  }
  absorb(live, std::move(decision), now, caller);
}

void Shard::absorb(Live& live, Decision decision, Now now, const Caller& caller) {
  if (!decision.entries.empty()) journal(live, decision.entries, now);
  for (const LegRef leg : decision.prepares) ask(live, leg, now);
  for (const LegRef leg : decision.attempts) {
    AMENDS_CHECK(live.pending, "an attempt was decided without a journalled intent");
    live.pending->attempts.push_back(attempt_of(live, leg));
  }
  for (const Timer& timer : decision.timers) {
    timers_.add(live.saga.id, timer);
    std::erase_if(live.timers, [&](const Timer& t) { return t.leg == timer.leg; });
    live.timers.push_back(timer);
  }
  if (decision.answer) {
    CommandReply reply{caller.token, CommandStatus::answered, std::move(*decision.answer), {}, caller.posted};
    if (live.pending)
      live.pending->answers.push_back(std::move(reply));
    else
      settle(std::move(reply));
  }
  note_wait(live, now);
  if (!live.listed && live.unlanded == 0) quiet_.push_back(live.saga.id);
  if (live.landed_at && live.pending && live.preparing == 0) note_round(live, now);
}

void Shard::note_round(Live& live, Now now) {
  rounds_.sum += now.elapsed - *live.landed_at;
  ++rounds_.count;
  live.landed_at.reset();
}

void Shard::journal(Live& live, const Entries& entries, Now now) {
  if (!live.pending) {
    live.pending.emplace();
    live.pending->since = now.elapsed;
    // Who reads the store after a crash would believe that it sleeps on.
    if (live.row_wake_at && *live.row_wake_at > now.wall) live.row_due = true;
    live.pending->body.reserve(512);
    ++live.saga.seq;
    list(live);
  }
  live.pending->at = now.wall;
  live.saga.updated_at = now.wall;
  std::string& body = live.pending->body;
  for (const Entry& entry : entries) {
    body.push_back(body.empty() ? '[' : ',');
    encode(entry, body);
    if (std::holds_alternative<AttemptEntry>(entry)) ++live.busy;
    if (std::holds_alternative<OutcomeEntry>(entry) && live.busy > 0) --live.busy;
  }
}

void Shard::list(Live& live) {
  if (live.listed) return;
  live.listed = true;
  listed_.push_back(&live);
}

// Hands out a job with copies of just what the step declared that it reads.
void Shard::ask(Live& live, LegRef leg, Now now) {
  if (tenures_.of(live.saga.id.shard()) == Tenure::leaving) return;  // the next owner asks
  const Step& step = live.plan->step(leg.step);
  const bool undo = leg.direction == Direction::undo;
  PrepareJob job;
  job.saga = live.saga.id;
  job.leg = leg;
  job.plan = live.plan;
  job.life = live.life;
  for (const StepIndex used : undo ? step.undo->uses : step.uses) {
    if (used == input_value)
      job.input = live.saga.input;
    else if (const auto& result = live.saga.steps[used].result)
      job.results.emplace_back(used, *result);
  }
  if (undo) job.own_result = live.saga.steps[leg.step].result;
  if (live.preparing++ == 0)
    live.hold_until = now.elapsed + (AMENDS_BUGGIFY("hold no row") ? Micros(0) : options_.hold_max);
  outputs_.prepares.push_back(std::move(job));
}

Attempt Shard::attempt_of(const Live& live, LegRef ref) const {
  const Leg& leg = live.saga.steps[ref.step].leg(ref.direction);
  const Step& step = live.plan->step(ref.step);
  AMENDS_CHECK(leg.in_flight && leg.request, "an attempt was decided without a request");
  Attempt attempt;
  attempt.saga = live.saga.id;
  attempt.step = ref.step;
  attempt.direction = ref.direction;
  attempt.number = leg.attempts;
  attempt.epoch = epoch_;
  attempt.step_name = step.name;
  attempt.key = effect_key(live.saga, *live.plan, ref);
  attempt.request = leg.request;
  attempt.timeout = ref.direction == Direction::undo ? step.undo->timeout : step.timeout;
  attempt.not_after = leg.not_after;
  return attempt;
}

// A saga that has nothing in flight and will wait longer than a moment says so in its row.
void Shard::note_wait(Live& live, Now now) {
  if (live.busy > 0 || live.preparing > 0) return;
  std::optional<WallTime> due;
  for (const Timer& timer : live.timers) {
    if (live.saga.steps[timer.leg.step].leg(timer.leg.direction).wake_at != timer.at) continue;
    if (!due || timer.at < *due) due = timer.at;
  }
  // One that rests has no time at which it goes on.
  if (live.saga.state == SagaState::needs_operator)
    due.reset();
  else if (!due || *due - now.wall <= options_.quiet_wait_max)
    return;
  if (live.row_wake_at == due) return;
  live.row_wake_at = due;
  live.row_due = true;
  list(live);
}

}  // namespace amends::engine
