// What the writer thread reports to the loop.
#include <map>

#include "engine/base/buggify.hpp"
#include "engine/runtime/loop.hpp"

namespace amends::engine {

// Called for every item of a long turn: the store must not wait for its end.
void Loop::look_for_reports() {
  if ((++looked_ % 8 != 0 && !AMENDS_BUGGIFY("reports between items")) || !inbox_.reported()) return;
  inbox_.take_reports(reports_);
  take_reports(reports_, time());
}

void Loop::take_reports(std::vector<WriterReport>& reports, Now now) {
  for (WriterReport& report : reports) std::visit([&](auto& what) { take(what, now); }, report);
}

void Loop::take(CommitReport& report, Now now) {
  observer_.metrics.flushes.fetch_add(1, std::memory_order_relaxed);
  observer_.metrics.flush_time.add(report.took);
  const std::size_t rows = shard_.flight_rows();
  if (report.result.status == CommitStatus::committed)
    observer_.metrics.flush_rows.fetch_add(rows, std::memory_order_relaxed);
  shard_.acknowledge(report.result, now);
  landed_at_ = now.elapsed;
  if (rows > 0) pace_.flushed(rows, report.took);
  if (const Shard::Rounds rounds = shard_.take_rounds(); rounds.count > 0)
    pace_.came_round(rounds.sum / static_cast<Micros::rep>(rounds.count), rounds.count);
  const std::string& resting = shard_.resting_class();
  const bool refused = standing_.writing != Readiness::ready;
  standing_.writing = resting.empty()          ? Readiness::ready
                      : resting == "disk_full" ? Readiness::disk_full
                                               : Readiness::store_refuses;
  if (refused && resting.empty()) observer_.metrics.refusing.fetch_sub(1, std::memory_order_relaxed);
  if (!refused && !resting.empty()) observer_.metrics.refusing.fetch_add(1, std::memory_order_relaxed);
  if (shard_.phase() == Shard::Phase::fenced && shared_) {
    join_anew();
  } else if (shard_.phase() == Shard::Phase::fenced) {
    observer_.note(Severity::error, "another engine has taken over this store; this one has stopped");
    standing_.fenced = true;
    standing_.ready = false;
  }
  if (shard_.phase() == Shard::Phase::in_doubt) {
    standing_.ready = false;
    writer_.post(TakeOverJob{shard_.doubtful_starts(), true, shard_.horizon(now)});
    if (shared_) forget_shards();
  }
  flush(now);  // first, so that the disk works while the rest is decided
  shard_.let_go(now);
}

void Loop::take(StillDown& report, Now) {
  shard_.doubt_persists(report.sentence);
}

void Loop::take(TakenOver& report, Now now) {
  if (report.in_doubt)
    shard_.resolved(report.writer, report.present, now);
  else
    shard_.adopt(report.writer);
  if (!shared_) return;
  shard_.recovered();  // its shards come one by one
  tending_ = true;
}

void Loop::take(LoadedPage& report, Now now) {
  shard_.recover(std::move(report.sagas), now);
}

void Loop::take(LoadedAll&, Now) {
  shard_.recovered();
  recheck_waits_ = true;
  standing_.ready = true;
  publish();
  opened_now();
}

void Loop::opened_now() {
  if (std::exchange(opened_, true)) return;
  found_ = shard_.found();
  found_until_ = shard_.horizon(time());
}

void Loop::take(Reloaded& report, Now now) {
  std::map<SagaId, SavedSaga> found;
  for (SavedSaga& saved : report.found) found.emplace(saved.row.id, std::move(saved));
  for (const SagaId& saga : report.asked) {
    SavedSaga saved;
    saved.row.id = saga;
    if (const auto it = found.find(saga); it != found.end()) saved = std::move(it->second);
    shard_.reloaded(std::move(saved), now);
    if (shard_.find_rest(saga))
      waiters_.rested(saga);
    else if (!shard_.is_live(saga) && shard_.tenures().of(saga.shard()) == Tenure::ours)
      waiters_.answer(saga, WaitOutcome::not_live);
  }
}

void Loop::take(LookedUp&, Now) {
  shard_.looked();
}

}  // namespace amends::engine
