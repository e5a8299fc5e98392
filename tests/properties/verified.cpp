// Whatever happened, `verify` finds nothing in what it left behind, and whatever is damaged in it, it lives.
#include <algorithm>

#include "engine/runtime/saga_row.hpp"
#include "engine/verify/saga_verifier.hpp"
#include "tests/properties/world.hpp"

namespace amends::properties {

using namespace engine;

namespace {

// What an engine writes that gathers several decisions before it flushes: one row of all of them, at the last
// one's time.
void join(JournalRow& into, const JournalRow& next) {
  into.body.pop_back();
  into.body += "," + next.body.substr(1);
  into.at = next.at;
}

std::string said(const SagaVerdict& verdict) {
  std::string out;
  for (const Finding& finding : verdict.findings)
    out += "\nverify: row " + std::to_string(finding.seq) + " " + std::string(name_of(finding.kind)) + ": " +
           finding.sentence;
  return out;
}

// Two attempts that one event led to, and neither is answered: without one of them the journal is that of a
// saga that has not asked for the second yet, and its row says the same of both.
bool is_one_of_those_in_flight(const Saga& saga, const AttemptEntry& attempt) {
  const Leg& its = saga.steps[attempt.step].leg(attempt.direction);
  if (!its.in_flight || its.attempts != attempt.number) return false;
  std::size_t in_flight = 0;
  for (const StepProgress& step : saga.steps)
    in_flight += static_cast<std::size_t>(step.run.in_flight) + static_cast<std::size_t>(step.undo.in_flight);
  return in_flight > 1;
}

}  // namespace

// A journal that somebody wrote in: an entry that is gone, or stands twice, or stands elsewhere. No stop,
// whatever comes of it, and an attempt that is missing does not pass.
void World::hold_damaged(const SagaRow& row, const std::vector<JournalRow>& journal) const {
  const PlanForms plan = PlanForms::of(plan_);
  for (std::size_t i = 0; i < journal.size(); ++i) {
    const Entries entries = decode_row(journal[i].body).entries;
    const std::size_t at = journal[i].body.size() % entries.size();
    const auto* attempt = std::get_if<AttemptEntry>(&entries[at]);
    const bool must_show = attempt != nullptr && !is_one_of_those_in_flight(saga_, *attempt);
    for (int kind = 0; kind < 3; ++kind) {
      Entries damaged = entries;
      if (kind == 0) damaged.erase(damaged.begin() + static_cast<std::ptrdiff_t>(at));
      if (kind == 1) damaged.push_back(entries[at]);
      if (kind == 2) std::rotate(damaged.begin(), damaged.begin() + 1, damaged.end());
      std::vector<JournalRow> rows = journal;
      rows[i].body = encode_row(damaged);
      const SagaVerdict verdict = verify_saga(row, rows, plan);
      if (kind == 0 && must_show && verdict.findings.empty())
        throw Broken("verify misses that an attempt is gone from row " + std::to_string(i + 1));
    }
  }
}

void World::hold_verified() const {
  const SagaRow row = saga_row(saga_, plan_.get(), plan_->workflow());
  std::vector<JournalRow> journal, joined;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    journal.push_back({saga_.id, static_cast<std::uint32_t>(i + 1), rows_[i].at, rows_[i].text, 1, i + 1});
    if (!joined.empty() && rows_[i].text.size() % 3 == 0)
      join(joined.back(), journal.back());
    else
      joined.push_back(journal.back());
    joined.back().seq = static_cast<std::uint32_t>(joined.size());
  }
  SagaRow joined_row = row;
  joined_row.seq = static_cast<std::uint32_t>(joined.size());

  for (const PlanForms& plan : {PlanForms::exactly(plan_), PlanForms::of(plan_)}) {
    if (const SagaVerdict verdict = verify_saga(row, journal, plan); !verdict.findings.empty())
      throw Broken("verify finds something in a good journal" + said(verdict));
    if (const SagaVerdict verdict = verify_saga(joined_row, joined, plan); !verdict.findings.empty())
      throw Broken("verify finds something in a good journal of joined rows" + said(verdict));
  }
  if (rows_.size() % 16 == 0) hold_damaged(row, journal);
}

}  // namespace amends::properties
