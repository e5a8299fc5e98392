// Holds one saga's row against its journal, and its journal against what deciding leads to.
#pragma once
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/ports/store.hpp"
#include "engine/verify/finding.hpp"
#include "engine/verify/plan_forms.hpp"
#include "engine/verify/replay.hpp"

namespace amends::engine {

// The plan's forms, or why they are not there: no_plan or plan_damaged. Any pointer must outlive the
// verifier.
struct FoundPlan {
  const PlanForms* forms = nullptr;
  FindingKind why_not = FindingKind::no_plan;
};
using FindPlan = std::function<FoundPlan(const std::string& plan_id)>;

struct SagaVerdict {
  std::vector<Finding> findings;  // a handful: behind the first row that cannot be read nothing is looked at
  std::uint64_t rows = 0, entries = 0;
  // What the saga's row should be, where it should be another one and the journal is whole: it is numbered
  // without a gap, can be read, and every entry is one that deciding led to.
  std::optional<SagaRow> repaired;
};

// One thread. begin(), take() for each journal row by ascending seq, end(); again for the next saga.
class SagaVerifier {
 public:
  explicit SagaVerifier(FindPlan find_plan) : find_plan_(std::move(find_plan)) {}

  // `row` is nothing when the store has journal rows or tags of the saga, and no row of it. `unreadable` is a
  // sentence about a column of it that holds no value of its kind.
  void begin(const SagaId& id, std::optional<SagaRow> row, const std::string& unreadable = {});
  // `writer` tells the writers of a shared store apart. `unreadable` as above.
  void take(const JournalRow& row, std::uint32_t writer = 0, const std::string& unreadable = {});
  SagaVerdict end();

 private:
  struct LastFlush {
    std::uint32_t writer = 0;
    std::uint64_t epoch = 0, commit_seq = 0;
  };

  void find(FindingKind kind, std::uint32_t seq, std::string sentence);
  bool stop(FindingKind kind, std::uint32_t seq, std::string sentence);
  void look_for_plan(const Entries& entries, std::uint32_t seq);
  void look_at_commands(const Entries& entries, std::uint32_t seq);
  void look_at_flush(const JournalRow& row, std::uint32_t writer);
  std::vector<SagaRow> rows_now() const;
  void hold_row();
  void hold_end();
  void hold_wake(const Saga& saga);

  FindPlan find_plan_;
  Lifecycle lifecycle_;
  const PlanForms* plan_ = nullptr;
  std::optional<Replay> replay_;
  std::optional<SagaRow> row_;
  std::string row_unreadable_;
  bool whole_ = true;               // the journal, so far
  std::vector<SagaRow> at_row_;     // what the row may be: the fold at its seq, in each form of the plan
  WallTime next_at_{};              // of the journal row behind that one
  std::set<std::string> commands_;  // consumed
  std::vector<LastFlush> flushes_;  // of each writer
  SagaVerdict verdict_;
};

// The same for whoever has the rows at hand.
SagaVerdict verify_saga(const std::optional<SagaRow>& row, const std::vector<JournalRow>& journal,
                        const PlanForms& plan);

// "order" of "order@3".
std::string workflow_of(const std::string& plan_id);

}  // namespace amends::engine
