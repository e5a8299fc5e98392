#include "engine/verify/saga_verifier.hpp"

#include <algorithm>

#include "engine/runtime/saga_row.hpp"

namespace amends::engine {

std::string workflow_of(const std::string& plan_id) {
  return plan_id.substr(0, plan_id.rfind('@'));
}

void SagaVerifier::begin(const SagaId& id, std::optional<SagaRow> row, const std::string& unreadable) {
  plan_ = nullptr;
  replay_.emplace(lifecycle_, id);
  row_ = std::move(row);
  row_unreadable_ = unreadable;
  whole_ = true;
  at_row_.clear();
  next_at_ = {};
  commands_.clear();
  flushes_.clear();
  verdict_ = {};
}

void SagaVerifier::find(FindingKind kind, std::uint32_t seq, std::string sentence) {
  verdict_.findings.push_back({kind, replay_->saga().id, seq, std::move(sentence)});
}

// Nothing behind it is looked at.
bool SagaVerifier::stop(FindingKind kind, std::uint32_t seq, std::string sentence) {
  find(kind, seq, std::move(sentence));
  return whole_ = false;
}

void SagaVerifier::take(const JournalRow& row, std::uint32_t writer, const std::string& unreadable) {
  ++verdict_.rows;
  if (!whole_) return;
  const std::uint32_t seq = replay_->saga().seq + 1;
  const auto bad = [&](const std::string& why) { stop(FindingKind::journal_unreadable, row.seq, why); };
  if (!unreadable.empty()) return bad(unreadable);
  if (row.seq != seq) {
    stop(FindingKind::sequence, row.seq,
         "journal row " + std::to_string(seq) + " is missing before row " + std::to_string(row.seq));
    return;
  }
  if (!is_timely(row.at)) return bad("the row has a time that is none");
  const DecodedRow decoded = decode_row(row.body);
  if (!decoded.error.empty()) return bad(decoded.error);
  if (decoded.entries.empty()) return bad("the row holds no entry");
  for (const Entry& entry : decoded.entries)
    if (std::string why = untimely(entry); !why.empty()) return bad(why);

  verdict_.entries += decoded.entries.size();
  look_at_flush(row, writer);
  if (seq == 1) look_for_plan(decoded.entries, seq);
  if (row_ && row_->seq == seq - 1) next_at_ = row.at;
  const bool was_decided = replay_->is_decided();
  if (std::string why = replay_->take(seq, row.at, decoded.entries); !why.empty()) return bad(why);
  look_at_commands(decoded.entries, seq);
  if (was_decided && !replay_->is_decided()) find(FindingKind::impossible_entry, seq, replay_->surprise());
  if (row_ && row_->seq == seq) at_row_ = rows_now();
}

void SagaVerifier::look_for_plan(const Entries& entries, std::uint32_t seq) {
  const auto* started = std::get_if<StartedEntry>(&entries.front());
  if (started == nullptr) return;  // refused by the fold
  const FoundPlan found = find_plan_(started->plan_id);
  if (found.forms == nullptr) {
    // A plan that is damaged is a finding of its own, once.
    if (found.why_not == FindingKind::no_plan)
      find(FindingKind::no_plan, seq, "its plan " + started->plan_id + " is not in the table of plans");
    return;
  }
  if (found.forms->plan().shape() != started->shape) {
    find(FindingKind::plan_differs, seq,
         "it started on another shape of " + started->plan_id + " than the table of plans has");
    return;
  }
  plan_ = found.forms;
  replay_->decide_on(*plan_);
}

void SagaVerifier::look_at_commands(const Entries& entries, std::uint32_t seq) {
  for (const Entry& entry : entries) {
    const auto* command = std::get_if<CommandEntry>(&entry);
    if (command == nullptr || command->command_id.empty()) continue;
    if (!commands_.insert(command->command_id).second)
      find(FindingKind::command_twice, seq, "command " + command->command_id + " was consumed before");
  }
}

// A writer's epoch and flushes only grow. Another writer's are counted apart, also where the saga went there
// and back.
void SagaVerifier::look_at_flush(const JournalRow& row, std::uint32_t writer) {
  const auto last = std::find_if(flushes_.begin(), flushes_.end(),
                                 [writer](const LastFlush& flush) { return flush.writer == writer; });
  if (last == flushes_.end()) {
    flushes_.push_back({writer, row.epoch, row.commit_seq});
    return;
  }
  if (row.epoch < last->epoch || row.commit_seq < last->commit_seq)
    find(FindingKind::epoch_backwards, row.seq,
         "it was written in epoch " + std::to_string(row.epoch) + ", flush " +
             std::to_string(row.commit_seq) + ", behind a row of epoch " + std::to_string(last->epoch) +
             ", flush " + std::to_string(last->commit_seq) + " of the same writer");
  *last = {writer, row.epoch, row.commit_seq};
}

// What the saga's row should be now. Without the plan, or behind an entry that no decision leads to, nobody
// knows what it waits for: the plan is not asked.
std::vector<SagaRow> SagaVerifier::rows_now() const {
  const Saga& saga = replay_->saga();
  const std::string workflow = workflow_of(saga.plan_id);
  std::vector<SagaRow> out;
  if (!replay_->is_decided()) return {saga_row(saga, nullptr, workflow)};
  for (const PlanPtr& form : plan_->forms()) {
    SagaRow row = saga_row(saga, form.get(), workflow);
    if (std::find(out.begin(), out.end(), row) == out.end()) out.push_back(std::move(row));
    if (!out.front().wake_at) break;  // the forms differ in when it wakes, and in nothing else
  }
  return out;
}

SagaVerdict SagaVerifier::end() {
  if (!row_unreadable_.empty()) find(FindingKind::row_unreadable, 0, row_unreadable_);
  if (verdict_.rows == 0 && row_) find(FindingKind::no_journal, 0, "it has a row and no journal");
  if (!row_) {
    find(FindingKind::no_saga, 0,
         verdict_.rows == 0 ? "it has tags, and neither a row nor a journal" : "it has a journal and no row");
  } else if (whole_ && verdict_.rows > 0) {
    hold_row();
    hold_end();
  }
  const bool rows_fault =
      std::any_of(verdict_.findings.begin(), verdict_.findings.end(), [](const Finding& f) {
        return f.kind == FindingKind::row_unreadable || f.kind == FindingKind::row_differs ||
               f.kind == FindingKind::row_ahead || f.kind == FindingKind::row_behind ||
               f.kind == FindingKind::sleeps_too_long || f.kind == FindingKind::no_saga;
      });
  if (rows_fault && whole_ && verdict_.rows > 0 && replay_->is_decided()) {
    SagaRow now = rows_now().front();
    // What the start fixed stays fixed; a row that is not there is made whole.
    const bool fixed_parts_hold = !row_ || (row_->plan_id == now.plan_id && row_->workflow == now.workflow &&
                                            row_->key == now.key && row_->created_at == now.created_at);
    if (fixed_parts_hold && (!row_ || *row_ != now)) verdict_.repaired = std::move(now);
  }
  return std::move(verdict_);
}

SagaVerdict verify_saga(const std::optional<SagaRow>& row, const std::vector<JournalRow>& journal,
                        const PlanForms& plan) {
  SagaVerifier verifier([&plan](const std::string& id) -> FoundPlan {
    return {id == plan.plan().id() ? &plan : nullptr, FindingKind::no_plan};
  });
  verifier.begin(row ? row->id : journal.empty() ? SagaId{} : journal.front().saga, row);
  for (const JournalRow& one : journal) verifier.take(one);
  return verifier.end();
}

}  // namespace amends::engine
