// Coming back from the store: after a start of the engine, and after a commit whose outcome nobody knew.
#include <set>

#include "engine/base/buggify.hpp"
#include "engine/base/check.hpp"
#include "engine/base/failpoint.hpp"
#include "engine/runtime/saga_row.hpp"
#include "engine/runtime/shard.hpp"

namespace amends::engine {

void Shard::adopt(const Writer& writer) {
  if (phase_ == Phase::fenced) phase_ = Phase::recovering;
  epoch_ = writer.epoch;
  commit_seq_ = writer.commit_seq;
}

// ---- a commit in doubt -----------------------------------------------------------------------------------

std::vector<SagaId> Shard::doubtful_starts() const {
  std::vector<SagaId> out;
  if (!doubt_) return out;
  for (const FlushItem& item : doubt_->items)
    if (item.starts() && doubt_->batch.starts[item.start].key) out.push_back(item.saga);
  return out;
}

void Shard::doubt_persists(const std::string& why) {
  if (!why.empty()) observer_.note(Severity::error, why + "; it is asked again until it can");
  down_sentence_ = why;
  if (!doubt_) return;
  for (FlushItem& item : doubt_->items) {
    if (item.starts() && !item.told)
      answer_start(item.token, StartStatus::unavailable, item.saga,
                   "the outcome of your start is unknown: ask again with the same key");
    item.told = true;
    for (CommandReply& answer : item.answers)
      fail_command(std::move(answer), "the outcome of your command is unknown: look at the saga");
    item.answers.clear();
  }
}

void Shard::resolved(const Writer& writer, const std::vector<SagaId>& present, Now now) {
  AMENDS_CHECK(doubt_, "no commit was in doubt");
  const bool landed = writer.commit_seq == commit_seq_ + 1;
  const std::set<SagaId> there(present.begin(), present.end());
  adopt(writer);
  Flush flush = std::move(*doubt_);
  doubt_.reset();
  phase_ = Phase::recovering;
  observer_.note(Severity::warning, landed ? "a flush in doubt turned out to be durable"
                                           : "a flush in doubt turned out to be lost");
  for (FlushItem& item : flush.items) {
    const bool keyed = item.starts() && flush.batch.starts[item.start].key;
    const bool believed = keyed && AMENDS_PLANTED("doubtful_starts_taken");
    if (!believed && (!landed || (keyed && !there.contains(item.saga)))) {
      // A keyed start that is not there although the flush is: another saga has the key, and answers next
      // time.
      if (item.starts() && !item.told)
        answer_start(item.token, StartStatus::unavailable, item.saga,
                     "your start was not written: ask again with the same key");
      for (CommandReply& answer : item.answers)
        fail_command(std::move(answer), "the command was not written: give it again");
      continue;
    }
    // The attempts of this flush are not sent from here: their sagas are read back, and recovery sends them
    // anew.
    item.attempts.clear();
    if (item.told) item.start = no_row;
    release(std::move(item), now);
  }
}

// Everybody who waits for what is about to be dropped.
void Shard::fail_callers(std::string_view sentence) {
  fail_callers_of([](const SagaId&) { return true; }, sentence);
  for (Flush& flush : retry_) fail_flush(flush, sentence);
  for (CommandReply& answer : std::exchange(owed_, {})) fail_command(std::move(answer), sentence);
  for (auto& [saga, calls] : std::exchange(sought_, {}))
    for (const CommandCall& call : calls) fail_command({call.token, {}, {}, {}, {}}, sentence);
}

void Shard::fail_command(CommandReply reply, std::string_view sentence) {
  reply.status = CommandStatus::unavailable;
  reply.sentence = sentence;
  outputs_.commands.push_back(std::move(reply));
}

void Shard::drop_everything() {
  tenures_.clear();
  if (!options_.shared) tenures_.set(options_.shard, Tenure::loading);
  listed_.clear();
  live_.clear();
  timers_.clear();
  retry_.clear();
  aside_.clear();
  aside_rows_.clear();
  reloading_.clear();
  sought_.clear();
  quiet_.clear();
  horizon_ = {};
  looking_ = false;
  expired_.clear();
  outputs_.prepares.clear();
  outputs_.attempts.clear();
  outputs_.reloads.clear();
  resting_class_.clear();
  rests_ = 0;
  rest_until_ = {};
  found_ = {};
}

// ---- reading back ----------------------------------------------------------------------------------------

void Shard::recover(std::vector<SavedSaga> page, Now now) {
  for (SavedSaga& saved : page) {
    AMENDS_FAILPOINT_HERE("recovery_midload");
    const Tenure tenure = tenures_.of(saved.row.id.shard());
    if (tenure != Tenure::loading && tenure != Tenure::ours) continue;  // dropped since it was asked for
    // What comes due is looked for also while its shard is read back, and may have been woken by a command.
    if (live_.contains(saved.row.id) || aside_.contains(saved.row.id)) continue;
    adopt_row(std::move(saved), now);
  }
}

void Shard::recovered() {
  AMENDS_CHECK(phase_ == Phase::recovering, "there was nothing to recover from");
  phase_ = Phase::working;
  if (!options_.shared) tenures_.set(options_.shard, Tenure::ours);
  if (std::exchange(down_sentence_, {}).empty()) return;
  if (options_.shared) return observer_.note(Severity::info, "the store is back");
  observer_.note(Severity::info, "the store is back, and " + std::to_string(found_.sagas) +
                                     (found_.sagas == 1 ? " saga was" : " sagas were") +
                                     " read back from it");
}

namespace {

FoldedSaga fold_saved(const SavedSaga& saved) {
  FoldedSaga folded;
  folded.saga.id = saved.row.id;
  for (const JournalRow& row : saved.journal) fold_row(folded, row.seq, row.at, row.body);
  if (folded.error.empty() && saved.journal.empty()) folded.error = "the journal is empty";
  return folded;
}

std::uint32_t in_flight(const Saga& saga) {
  std::uint32_t count = 0;
  for (const StepProgress& step : saga.steps) count += step.run.in_flight + step.undo.in_flight;
  return count;
}

}  // namespace

void Shard::adopt_row(SavedSaga saved, Now now) {
  FoldedSaga folded = fold_saved(saved);
  if (!folded.error.empty()) {
    observer_.note(Severity::error, "saga " + saved.row.id.text() + " cannot be read: " + folded.error);
    return set_aside(std::move(folded.saga), saved.row, "journal_unreadable");
  }
  const auto plan = plans_.find(folded.saga.plan_id);
  if (plan == plans_.end() || plan->second->shape() != folded.saga.shape)
    return set_aside(std::move(folded.saga), saved.row, "definition_missing");

  auto owned = std::make_unique<Live>();
  Live& live = *owned;
  live.saga = std::move(folded.saga);
  live.plan = plan->second;
  live.life = ++lives_;
  live.row_wake_at = saved.row.wake_at;
  live.reported = live.saga.state;
  live.parked = live.saga.state == SagaState::needs_operator;
  live.busy = in_flight(live.saga);
  const bool fresh = live_.emplace(live.saga.id, std::move(owned)).second;
  AMENDS_CHECK(fresh, "the store gave a saga twice");
  if (reloading_.erase(live.saga.id) > 0) return park(live, now);
  if (tenures_.of(live.saga.id.shard()) == Tenure::loading) {
    ++found_.sagas;
    if (live.busy > 0) ++found_.in_doubt;
    if (live.parked) ++found_.parked;
  }
  decide(live, RecoveredEvent{}, now);
  // It was set aside before, and its row still says so.
  if (saved.row.error_class != "definition_missing" && saved.row.error_class != "journal_unreadable") return;
  live.row_due = true;
  list(live);
}

void Shard::reloaded(SavedSaga saved, Now now) {
  const SagaId saga = saved.row.id;
  std::vector<CommandCall> calls;
  if (const auto sought = sought_.find(saga); sought != sought_.end()) {
    calls = std::move(sought->second);
    sought_.erase(sought);
  } else if (!reloading_.contains(saga)) {
    return;  // dropped since it was asked for
  }
  // Without a journal there is nothing to park, or to obey, and nobody may wait for it any longer.
  // Whoever leaves begins nothing.
  const bool ours = reloading_.contains(saga) || tenures_.of(saga.shard()) == Tenure::ours;
  if (ours && !saved.journal.empty() && !live_.contains(saga) && !aside_.contains(saga))
    adopt_row(std::move(saved), now);
  reloading_.erase(saga);
  for (CommandCall& call : calls) obey(std::move(call), now);
}

// The store does not take what this saga has learned: a person must look. What is in flight counts as
// unknown.
void Shard::park(Live& live, Now now) {
  static constexpr std::string_view error_class = "store_refuses_data";
  static constexpr std::string_view error = "the store does not take what the participant answered";
  Decision decision;
  std::optional<StepIndex> stuck;
  const auto emit = [&](Entry entry) {
    fold(live.saga, entry);
    decision.entries.push_back(std::move(entry));
  };
  for (StepIndex i = 0; i < live.saga.steps.size(); ++i)
    for (const Direction direction : {Direction::run, Direction::undo}) {
      const Leg& leg = live.saga.steps[i].leg(direction);
      if (!leg.in_flight) continue;
      OutcomeEntry entry;
      entry.step = i;
      entry.direction = direction;
      entry.number = leg.attempts;
      entry.to = direction == Direction::run ? StepState::backing_off : StepState::undo_failed;
      entry.error_class = error_class;
      entry.error = error;
      emit(std::move(entry));
      stuck = i;
    }
  emit(SagaEntry{SagaState::needs_operator, stuck, std::string(error_class), std::string(error)});
  live.row_due = true;
  live.refused = true;
  live.parked = false;
  absorb(live, std::move(decision), now, {});
}

}  // namespace amends::engine
