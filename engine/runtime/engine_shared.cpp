// Sharing the store with other engines: shards come, are read back, and are given away.
#include <algorithm>

#include "engine/runtime/engine.hpp"

namespace amends::engine {
namespace {

constexpr Millis hints_apart{50};  // a hint is taken at most so often: each costs a transaction

bool contains(const std::vector<ShardId>& shards, ShardId shard) {
  return std::find(shards.begin(), shards.end(), shard) != shards.end();
}

}  // namespace

// ---- any thread ------------------------------------------------------------------------------------------

std::shared_ptr<const Engine::Owned> Engine::owned() const {
  std::lock_guard lock(owned_mutex_);
  return owned_;
}

void Engine::on_wake(std::function<void()> wake) {
  std::lock_guard lock(hints_->mutex);
  hints_->other = std::move(wake);
}

void Engine::listen_for_hints() {
  hints_->loop = [this] {
    hinted_ = true;
    inbox_.nudge();
  };
  shared_->on_wake([hints = hints_] {
    std::lock_guard lock(hints->mutex);
    if (hints->loop) hints->loop();
    if (hints->other) hints->other();
  });
}

// ---- the loop --------------------------------------------------------------------------------------------

void Engine::publish() {
  const Tenures& tenures = shard_->tenures();
  auto now = std::make_shared<Owned>();
  now->ours = tenures.ours();
  now->loading = tenures.all_of(Tenure::loading);
  now->leaving = tenures.all_of(Tenure::leaving);
  now->engines = engines_;
  if (shared_) ready_ = !now->ours.empty();
  std::lock_guard lock(owned_mutex_);
  owned_ = std::move(now);
}

// Every turn: renews the lease in time, and gives away what has nothing more to wait for.
void Engine::tend_shards(Now now) {
  if (shard_->phase() != Shard::Phase::working) return;
  if (stopping_ && !leaving_) {
    leaving_ = true;
    const Tenures& tenures = shard_->tenures();
    shard_->leave(tenures.all_of(Tenure::ours), now);
    shard_->leave(tenures.all_of(Tenure::loading), now);
    publish();
  }
  if (const auto drained = shard_->drained(now); !drained.empty()) {
    shard_->drop(drained);
    for (const ShardId shard : drained) lease_.own(shard, false);
    giving_up_.insert(drained.begin(), drained.end());
    writer_->post(WriterThread::GiveUpJob{drained});
    recheck_waits_ = true;
    publish();
    dispatch(shard_->take_outputs());
  }
  // One that stops would only take again what it has just given up.
  if (tending_ || stopping_) return;
  if (hinted_) tend_at_ = std::min(tend_at_, tended_at_ + hints_apart);
  if (now.elapsed < tend_at_) return;
  hinted_ = false;
  tending_ = true;
  tended_at_ = now.elapsed;
  tend_at_ = now.elapsed + term_ / 4;
  writer_->post(WriterThread::TendJob{});
}

void Engine::take(SharedOut& report, Now now) {
  tending_ = false;
  tends_failed_ = 0;
  term_ = report.share.lease;
  engines_ = report.share.engines;
  if (shard_->phase() != Shard::Phase::working) return;
  reconcile(report.share, now);
  if (!stopping_) give_away(report.share, now);
  publish();
  shared_out_ = true;
  if (shard_->tenures().all_of(Tenure::loading).empty()) opened_now();
}

// Brings what we hold in line with what the store says is ours.
void Engine::reconcile(const Share& share, Now now) {
  std::vector<ShardId> gained, lost;
  for (const ShardId shard : share.owned)
    if (shard_->tenures().of(shard) == Tenure::none && !giving_up_.contains(shard)) gained.push_back(shard);
  for (const Tenure tenure : {Tenure::loading, Tenure::ours, Tenure::leaving})
    for (const ShardId shard : shard_->tenures().all_of(tenure))
      if (!contains(share.owned, shard)) lost.push_back(shard);
  if (!lost.empty()) {  // somebody has changed the owners by hand
    observer_.note(Severity::warning, "the store gave " + std::to_string(lost.size()) +
                                          " of this engine's shards to others without asking");
    shard_->drop(lost);
    for (const ShardId shard : lost) lease_.own(shard, false);
    recheck_waits_ = true;
  }
  if (gained.empty()) return;
  shard_->gained(gained);
  for (const ShardId shard : gained) lease_.own(shard, true);
  if (stopping_) return shard_->leave(gained, now);
  writer_->post(WriterThread::LoadShardsJob{gained, shard_->horizon(now)});
}

// What is more than our share, less what is on its way already. The highest ones: any would do.
void Engine::give_away(const Share& share, Now now) {
  const Tenures& tenures = shard_->tenures();
  const std::size_t going = tenures.all_of(Tenure::leaving).size() + giving_up_.size();
  if (share.surplus <= going) return;
  const std::vector<ShardId>& ours = tenures.ours();
  const std::size_t count = std::min<std::size_t>(share.surplus - going, ours.size());
  shard_->leave({ours.end() - static_cast<std::ptrdiff_t>(count), ours.end()}, now);
}

void Engine::take(TendFailed& report, Now) {
  tending_ = false;
  // A renewal that fails once may succeed in time; a second failure is a broken connection.
  if (!report.fenced && ++tends_failed_ < 2 && lease_.stands()) return;
  if (shard_->phase() != Shard::Phase::working || shard_->flushing()) return;  // its flush will say so
  shard_->fence();
  join_anew();
}

// We were declared dead, or cannot know. Everything was dropped; the store says what is ours now.
void Engine::join_anew() {
  observer_.note(Severity::warning,
                 "this engine has lost its hold on the store; it dropped its sagas and joins again");
  writer_->post(WriterThread::TakeOverJob{{}, false});
  forget_shards();
}

void Engine::forget_shards() {
  for (const ShardId shard : owned_->ours) lease_.own(shard, false);
  for (const ShardId shard : owned_->loading) lease_.own(shard, false);
  for (const ShardId shard : owned_->leaving) lease_.own(shard, false);
  held_.clear();
  giving_up_.clear();
  tends_failed_ = 0;
  tending_ = true;  // until it has joined
  publish();
}

void Engine::take(LoadedShard& report, Now now) {
  shard_->loaded(report.shard, now);
  recheck_waits_ = true;
  publish();
  if (shared_out_ && shard_->tenures().all_of(Tenure::loading).empty()) opened_now();
}

void Engine::take(GivenUp& report, Now) {
  for (const ShardId shard : report.shards) giving_up_.erase(shard);
}

void Engine::take(Left&, Now) {
  left_ = true;
}

// While stopping: true once nothing is ours any more, also in the store.
bool Engine::has_left() {
  const Tenures& tenures = shard_->tenures();
  const bool empty = tenures.ours().empty() && tenures.all_of(Tenure::loading).empty() && !tenures.leaving();
  if (!leaving_ || !empty || !giving_up_.empty() || tending_) return false;
  if (!left_asked_) writer_->post(WriterThread::LeaveJob{});
  left_asked_ = true;
  return left_;
}

// ---- attempts --------------------------------------------------------------------------------------------

// Those that may leave now. What is still ours waits for the lease; the rest belongs to another owner.
std::vector<Attempt> Engine::covered(std::vector<Attempt> attempts) {
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
