// Sharing the store with other engines: shards come, are read back, and are given away.
#include <algorithm>

#include "engine/base/buggify.hpp"
#include "engine/runtime/loop.hpp"

namespace amends::engine {
namespace {

constexpr Millis hints_apart{50};  // a hint is taken at most so often: each costs a transaction

bool contains(const std::vector<ShardId>& shards, ShardId shard) {
  return std::find(shards.begin(), shards.end(), shard) != shards.end();
}

}  // namespace

void Loop::publish() {
  const Tenures& tenures = shard_.tenures();
  Owned now;
  now.ours = tenures.ours();
  now.loading = tenures.all_of(Tenure::loading);
  now.leaving = tenures.all_of(Tenure::leaving);
  now.engines = engines_;
  if (shared_) standing_.ready = !now.ours.empty();
  standing_.publish(std::move(now));
}

// Every turn: renews the lease in time, and gives away what has nothing more to wait for.
void Loop::tend_shards(Now now) {
  if (shard_.phase() != Shard::Phase::working) return;
  if (standing_.stopping && !leaving_) {
    leaving_ = true;
    const Tenures& tenures = shard_.tenures();
    shard_.leave(tenures.all_of(Tenure::ours), now);
    shard_.leave(tenures.all_of(Tenure::loading), now);
    publish();
  }
  if (const auto drained = shard_.drained(now); !drained.empty()) {
    shard_.drop(drained);
    for (const ShardId shard : drained) lease_.own(shard, false);
    giving_up_.insert(drained.begin(), drained.end());
    writer_.post(GiveUpJob{drained});
    recheck_waits_ = true;
    publish();
    dispatch(now);
  }
  // One that stops would only take again what it has just given up.
  if (tending_ || standing_.stopping) return;
  if (standing_.hinted)
    tend_at_ = std::min(tend_at_, tended_at_ + (AMENDS_BUGGIFY("hint at once") ? Millis(0) : hints_apart));
  if (now.elapsed < tend_at_) return;
  standing_.hinted = false;
  tending_ = true;
  tended_at_ = now.elapsed;
  tend_at_ = now.elapsed + term_ / (AMENDS_BUGGIFY("early renewal") ? 64 : 4);
  writer_.post(TendJob{});
}

void Loop::take(SharedOut& report, Now now) {
  tending_ = false;
  tends_failed_ = 0;
  term_ = report.share.lease;
  engines_ = report.share.engines;
  pace_.shared_by(engines_);
  if (shard_.phase() != Shard::Phase::working) return;
  reconcile(report.share, now);
  if (!standing_.stopping) give_away(report.share, now);
  publish();
  shared_out_ = true;
  if (shard_.tenures().all_of(Tenure::loading).empty()) opened_now();
}

// Brings what we hold in line with what the store says is ours.
void Loop::reconcile(const Share& share, Now now) {
  std::vector<ShardId> gained, lost;
  for (const ShardId shard : share.owned)
    if (shard_.tenures().of(shard) == Tenure::none && !giving_up_.contains(shard)) gained.push_back(shard);
  for (const Tenure tenure : {Tenure::loading, Tenure::ours, Tenure::leaving})
    for (const ShardId shard : shard_.tenures().all_of(tenure))
      if (!contains(share.owned, shard)) lost.push_back(shard);
  if (!lost.empty()) {  // somebody has changed the owners by hand
    observer_.note(Severity::warning, "the store gave " + std::to_string(lost.size()) +
                                          " of this engine's shards to others without asking");
    shard_.drop(lost);
    for (const ShardId shard : lost) lease_.own(shard, false);
    recheck_waits_ = true;
  }
  if (gained.empty()) return;
  shard_.gained(gained);
  for (const ShardId shard : gained) lease_.own(shard, true);
  if (standing_.stopping) return shard_.leave(gained, now);
  writer_.post(LoadShardsJob{gained, shard_.horizon(now)});
}

// What is more than our share, less what is on its way already. The highest ones: any would do.
void Loop::give_away(const Share& share, Now now) {
  const Tenures& tenures = shard_.tenures();
  const std::size_t going = tenures.all_of(Tenure::leaving).size() + giving_up_.size();
  if (share.surplus <= going) return;
  const std::vector<ShardId>& ours = tenures.ours();
  const std::size_t count = std::min<std::size_t>(share.surplus - going, ours.size());
  shard_.leave({ours.end() - static_cast<std::ptrdiff_t>(count), ours.end()}, now);
}

void Loop::take(TendFailed& report, Now) {
  tending_ = false;
  // A renewal that fails once may succeed in time; a second failure is a broken connection.
  if (!report.fenced && ++tends_failed_ < 2 && lease_.stands()) return;
  if (shard_.phase() != Shard::Phase::working || shard_.flushing()) return;  // its flush will say so
  shard_.fence();
  join_anew();
}

// We were declared dead, or cannot know. Everything was dropped; the store says what is ours now.
void Loop::join_anew() {
  observer_.note(Severity::warning,
                 "this engine has lost its hold on the store; it dropped its sagas and joins again");
  writer_.post(TakeOverJob{{}, false});
  forget_shards();
}

void Loop::forget_shards() {
  const auto before = standing_.owned();
  for (const auto* shards : {&before->ours, &before->loading, &before->leaving})
    for (const ShardId shard : *shards) lease_.own(shard, false);
  held_.clear();
  giving_up_.clear();
  tends_failed_ = 0;
  tending_ = true;  // until it has joined
  publish();
}

void Loop::take(LoadedShard& report, Now now) {
  shard_.loaded(report.shard, now);
  recheck_waits_ = true;
  publish();
  if (shared_out_ && shard_.tenures().all_of(Tenure::loading).empty()) opened_now();
}

void Loop::take(GivenUp& report, Now) {
  for (const ShardId shard : report.shards) giving_up_.erase(shard);
}

void Loop::take(Left&, Now) {
  left_ = true;
}

// While stopping: true once nothing is ours any more, also in the store.
bool Loop::has_left() {
  const Tenures& tenures = shard_.tenures();
  const bool empty = tenures.ours().empty() && tenures.all_of(Tenure::loading).empty() && !tenures.leaving();
  if (!leaving_ || !empty || !giving_up_.empty() || tending_) return false;
  if (!left_asked_) writer_.post(LeaveJob{});
  left_asked_ = true;
  return left_;
}

}  // namespace amends::engine
