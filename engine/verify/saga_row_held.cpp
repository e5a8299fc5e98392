// The saga's row against the fold of its journal.
#include <algorithm>

#include "engine/base/rfc3339.hpp"
#include "engine/runtime/saga_row.hpp"
#include "engine/verify/saga_verifier.hpp"

namespace amends::engine {
namespace {

// An engine that cannot go on with a saga says so in its row, and knows nothing else of it.
bool is_set_aside(const SagaRow& row) {
  return row.error_class == "definition_missing" || row.error_class == "journal_unreadable";
}

std::string text(const std::optional<WallTime>& at) {
  return at ? rfc3339(*at) : "none";
}

class Differences {
 public:
  void compare(const char* column, const std::string& has, const std::string& should) {
    if (has == should) return;
    sentence_ += (sentence_.empty() ? "" : "; ") + std::string(column) + " is '" + has + "' and should be '" +
                 should + "'";
  }
  const std::string& sentence() const { return sentence_; }

 private:
  std::string sentence_;
};

std::string difference(const SagaRow& has, const SagaRow& should, bool waits_are_known) {
  Differences out;
  out.compare("state", has.state, should.state);
  out.compare("active", has.active ? "true" : "false", should.active ? "true" : "false");
  out.compare("plan", has.plan_id, should.plan_id);
  out.compare("workflow", has.workflow, should.workflow);
  out.compare("key", has.key, should.key);
  out.compare("created_at", text(has.created_at), text(should.created_at));
  out.compare("updated_at", text(has.updated_at), text(should.updated_at));
  if (!waits_are_known || is_set_aside(has)) return out.sentence();
  out.compare("step", has.step, should.step);
  out.compare("error_class", has.error_class, should.error_class);
  out.compare("wake_at", text(has.wake_at), text(should.wake_at));
  return out.sentence();
}

}  // namespace

// The row is the fold at its seq, in some form of the plan.
void SagaVerifier::hold_row() {
  const std::uint32_t last = replay_->saga().seq;
  if (row_->seq > last || row_->seq == 0) {
    find(FindingKind::row_ahead, 0,
         "its row names journal row " + std::to_string(row_->seq) + ", the journal ends with row " +
             std::to_string(last));
    return;
  }
  std::string differs;
  for (auto it = at_row_.rbegin(); it != at_row_.rend(); ++it) {
    differs = difference(*row_, *it, replay_->is_decided());
    if (differs.empty()) return;
  }
  find(FindingKind::row_differs, 0, "at journal row " + std::to_string(row_->seq) + " " + differs);
}

// The journal may be ahead of the row while the saga just goes on, and no further.
void SagaVerifier::hold_end() {
  const Saga& saga = replay_->saga();
  if (row_->seq != 0 && row_->seq < saga.seq) {
    const std::string now(name_of(saga.state));
    const std::string since =
        "its row is of journal row " + std::to_string(row_->seq) + " of " + std::to_string(saga.seq);
    if (row_->state != now)
      find(FindingKind::row_behind, 0, since + " and says '" + row_->state + "', the saga is " + now);
    else if (row_->wake_at && *row_->wake_at > std::max(next_at_, saga.updated_at))
      find(FindingKind::sleeps_too_long, 0,
           since + " and wakes at " + text(row_->wake_at) + ", though it went on before that");
  }
  hold_wake(saga);
}

void SagaVerifier::hold_wake(const Saga& saga) {
  const bool goes_on = saga.state == SagaState::running || saga.state == SagaState::compensating;
  if (!goes_on || !replay_->is_decided()) return;
  // What an engine would do that reads it back.
  Saga copy = saga;
  const Decision next = lifecycle_.decide(copy, plan_->plan(), {saga.updated_at, 0, RecoveredEvent{}});
  if (next.entries.empty() && next.prepares.empty() && next.attempts.empty() && next.timers.empty())
    find(FindingKind::nothing_wakes_it, 0,
         "it is " + std::string(name_of(saga.state)) +
             " and waits for nothing: no attempt, no time, no person");
}

}  // namespace amends::engine
