#include "tests/properties/sharing/member.hpp"

#include <algorithm>

namespace amends::properties {

using namespace engine;

namespace {

constexpr Token posted_tokens = Token{1} << 40;  // above those of callers

}  // namespace

Member::Member(std::string name, Surroundings& around) : name_(std::move(name)), around_(around) {
  for (const char letter : name_) entropy_.next += static_cast<std::uint64_t>(letter) << 40;
}

// ---- what becomes of the process -------------------------------------------------------------------------

void Member::join() {
  store_ = std::make_unique<memory::MemoryStore>(around_.tables, term_);
  ShardOptions options;
  options.shared = true;
  options.leave_max = Millis(300);
  options.cold_after = around_.cold_after;
  options.quiet_wait_max = std::min(options.quiet_wait_max, around_.cold_after);
  shard_ = std::make_unique<Shard>(options, std::vector<PlanPtr>{around_.plan}, entropy_, observer_);
  broken_ = stopping_ = leaving_ = leave_asked_ = false;
  lease_until_ = {};
  tending_ = true;
  jobs_.push_back(TakeOver{{}, false});
}

void Member::crash() {
  shard_.reset();
  store_.reset();
  jobs_.clear();
  reports_.clear();
  prepares_.clear();
  asked_.clear();
  held_.clear();
  seen_.clear();
  in_hand_.clear();
  posted_.clear();
  giving_up_.clear();
  covered_.clear();
}

void Member::stop() {
  stopping_ = true;
}

// ---- the loop --------------------------------------------------------------------------------------------

void Member::turn() {
  while (shard_ && !reports_.empty()) {
    Report report = std::move(reports_.front());
    reports_.pop_front();
    std::visit([this](auto& what) { take(what); }, report);
  }
  if (!shard_) return;
  shard_->wake(around_.now);
  if (auto look = shard_->take_look(around_.now)) jobs_.push_back(Look{std::move(*look)});
  dispatch();
  if (!shard_->flushing())
    if (const Batch* batch = shard_->take_batch(around_.now)) jobs_.push_back(Commit{batch});
  give_away();
}

// What Engine::tend_shards does.
void Member::give_away() {
  if (shard_->phase() != Shard::Phase::working) return;
  const Now now = around_.now;
  if (stopping_ && !leaving_) {
    leaving_ = true;
    shard_->leave(shard_->tenures().all_of(Tenure::ours), now);
    shard_->leave(shard_->tenures().all_of(Tenure::loading), now);
  }
  if (const auto drained = shard_->drained(now); !drained.empty()) {
    shard_->drop(drained);
    for (const ShardId shard : drained) covered_.erase(shard);
    giving_up_.insert(drained.begin(), drained.end());
    jobs_.push_back(GiveUp{drained});
    dispatch();
  }
  const Tenures& tenures = shard_->tenures();
  const bool empty = tenures.ours().empty() && tenures.all_of(Tenure::loading).empty() && !tenures.leaving();
  if (leaving_ && empty && giving_up_.empty() && !tending_ && !shard_->has_work() && !leave_asked_) {
    leave_asked_ = true;
    jobs_.push_back(Leave{});
  }
  if (tending_ || stopping_ || now.elapsed < tend_at_) return;
  tending_ = true;
  tend_at_ = now.elapsed + term_ / 4;
  jobs_.push_back(Tend{});
}

void Member::dispatch() {
  if (lease_until_ > around_.now.elapsed) {
    for (const Attempt& attempt : std::exchange(held_, {}))
      if (may_send(attempt)) {
        around_.sent(name_, attempt);
        asked_.push_back(attempt);
      }
  }
  Outputs outputs = shard_->take_outputs();
  for (Attempt& attempt : outputs.attempts) {
    if (!may_send(attempt)) continue;
    if (lease_until_ <= around_.now.elapsed) {
      held_.push_back(std::move(attempt));
      continue;
    }
    around_.sent(name_, attempt);
    asked_.push_back(std::move(attempt));
  }
  if (!outputs.reloads.empty()) jobs_.push_back(Reload{std::move(outputs.reloads)});
  for (PrepareJob& job : outputs.prepares) prepares_.push_back(std::move(job));
  for (const StartReply& reply : outputs.starts) {
    put_down(reply.token);
    around_.started(reply);
  }
  for (const CommandReply& reply : outputs.commands) {
    put_down(reply.token);
    around_.answered(reply);
  }
}

void Member::put_down(Token token) {
  if (const auto posted = posted_.find(token); posted != posted_.end()) in_hand_.erase(posted->second);
}

bool Member::may_send(const Attempt& attempt) const {
  return attempt.epoch == epoch_ && covered_.contains(attempt.saga.shard());
}

void Member::take(CommitResult& result) {
  shard_->committed(result, around_.now);
  if (shard_->phase() == Shard::Phase::fenced) {
    jobs_.push_back(TakeOver{{}, false});
    forget_shards();
  } else if (shard_->phase() == Shard::Phase::in_doubt) {
    jobs_.push_back(TakeOver{shard_->doubtful_starts(), true});
    forget_shards();
  }
}

void Member::take(Shared& report) {
  tending_ = false;
  lease_until_ = report.before + report.share.lease;
  if (shard_->phase() != Shard::Phase::working) return;
  std::vector<ShardId> gained, lost;
  for (const ShardId shard : report.share.owned)
    if (shard_->tenures().of(shard) == Tenure::none && !giving_up_.contains(shard)) gained.push_back(shard);
  for (const Tenure tenure : {Tenure::loading, Tenure::ours, Tenure::leaving})
    for (const ShardId shard : shard_->tenures().all_of(tenure))
      if (std::find(report.share.owned.begin(), report.share.owned.end(), shard) == report.share.owned.end())
        lost.push_back(shard);
  if (!lost.empty()) throw Broken("the store gave shards away without asking their owner");
  shard_->gained(gained);
  covered_.insert(gained.begin(), gained.end());
  if (stopping_) return shard_->leave(gained, around_.now);
  for (const ShardId shard : gained) jobs_.push_back(Load{shard, shard_->horizon(around_.now)});
  const std::vector<ShardId>& ours = shard_->tenures().ours();
  const std::size_t going = shard_->tenures().all_of(Tenure::leaving).size() + giving_up_.size();
  if (report.share.surplus <= going) return;
  const std::size_t count = std::min<std::size_t>(report.share.surplus - going, ours.size());
  shard_->leave({ours.end() - static_cast<std::ptrdiff_t>(count), ours.end()}, around_.now);
}

void Member::take(Unheld&) {
  tending_ = false;
  if (shard_->phase() != Shard::Phase::working || shard_->flushing()) return;
  shard_->fence();
  jobs_.push_back(TakeOver{{}, false});
  forget_shards();
}

void Member::take(Loaded& report) {
  shard_->recover(std::move(report.sagas), around_.now);
  shard_->loaded(report.shard, around_.now);
}

void Member::take(GivenUp& report) {
  for (const ShardId shard : report.shards) giving_up_.erase(shard);
}

void Member::take(TakenOver& report) {
  epoch_ = report.writer.epoch;
  lease_until_ = {};
  if (report.in_doubt)
    shard_->resolved(report.writer, report.present, around_.now);
  else
    shard_->adopt(report.writer);
  shard_->recovered();
  tending_ = true;
}

void Member::take(Left&) {
  crash();
}

void Member::take(Reloaded& report) {
  for (SavedSaga& saved : report.sagas) shard_->reloaded(std::move(saved), around_.now);
}

void Member::take(Looked& report) {
  shard_->recover(std::move(report.sagas), around_.now);
  shard_->looked();
}

void Member::forget_shards() {
  covered_.clear();
  held_.clear();
  giving_up_.clear();
  tending_ = true;
}

// ---- what comes in ---------------------------------------------------------------------------------------

void Member::prepare(std::uint32_t at) {
  const PrepareJob job = std::move(prepares_[at]);
  prepares_.erase(prepares_.begin() + at);
  PreparedEvent event{job.leg.step, job.leg.direction, nullptr, {Idempotency::barrier, Millis(0)}, {}};
  event.request = std::make_shared<const Request>(Request{"http", "participant", R"({"n":1})"});
  shard_->prepared({job.saga, std::move(event), job.life}, around_.now);
}

void Member::answer(std::uint32_t at, Reply reply) {
  const Attempt attempt = std::move(asked_[at]);
  asked_.erase(asked_.begin() + at);
  shard_->replied({attempt.saga, attempt.step, attempt.direction, attempt.number, std::move(reply)},
                  around_.now);
}

void Member::look_for_commands() {
  if (broken_ || shard_->phase() != Shard::Phase::working) return;
  const Elapsed before = around_.now.elapsed;
  for (CommandRow& row : store_->read_commands(shard_->tenures().ours(), {}, 100))
    if (in_hand_.insert(row.id).second) seen_.emplace_back(std::move(row), before);
}

void Member::take_commands() {
  for (auto& [row, read_at] : std::exchange(seen_, {})) {
    const Token token = posted_tokens + posted_.size();
    posted_.emplace(token, row.id);
    if (row.kind == "start") {
      StartCall call{token, around_.plan, {}, {}, R"({"id":1})", {}};
      call.saga = row.saga;
      call.posted = Posted{row.id, read_at};
      shard_->start(std::move(call), around_.now);
      continue;
    }
    CommandCall call{token, row.saga, {}, Posted{row.id, read_at}};
    call.command.command_id = row.id.text();
    call.command.verb = Verb::cancel;
    call.command.actor = "ann";
    call.command.reason = "because";
    shard_->command(std::move(call), around_.now);
  }
}

void Member::start(Token token, std::string key) {
  shard_->start({token, around_.plan, std::move(key), "h", R"({"id":1})", {}}, around_.now);
}

void Member::command(Token token, const SagaId& saga, CommandEvent what) {
  shard_->command({token, saga, std::move(what)}, around_.now);
}

}  // namespace amends::properties
