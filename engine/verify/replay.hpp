// A saga's journal read again, row by row: folded, and held against what deciding leads to.
//
// The journal keeps what was decided and not why. For each decision the event is guessed from its first
// entry; some guess must lead from the state before it to exactly these entries. What chance or a plan's
// delays decided (when a step is tried again) is taken as it stands.
#pragma once
#include <optional>
#include <string>

#include "engine/lifecycle/decide.hpp"
#include "engine/verify/guess.hpp"
#include "engine/verify/plan_forms.hpp"

namespace amends::engine {

// One thread. Never stops the program, whatever the entries are: deciding is only asked about states that
// deciding led to, and ends for good at the first entry that it does not lead to.
class Replay {
 public:
  Replay(Lifecycle& lifecycle, const SagaId& id);

  // Why the row cannot be read or folded; empty when it was. Nothing may follow a row that was not.
  // `at` is the row's time.
  std::string take(std::uint32_t seq, WallTime at, const Entries& entries);

  // Deciding is held against `plan` from here on; to be given before the first row. Must outlive this.
  void decide_on(const PlanForms& plan) { plan_ = &plan; }

  const Saga& saga() const { return folded_; }
  // Every entry so far is one that deciding led to.
  bool is_decided() const { return plan_ != nullptr && surprise_.empty(); }
  // What speaks against the first entry that deciding does not lead to; empty while there is none.
  const std::string& surprise() const { return surprise_; }

 private:
  // How many entries from `first` on one decision explains; 0: none does.
  std::size_t explain(const Entries& entries, std::size_t first, WallTime at);
  std::size_t explain_at(const Entries& entries, std::size_t first, WallTime time);
  std::size_t refused_by_store(const Entries& entries, std::size_t first);
  std::size_t matching(const Decision& made, const Entries& entries, std::size_t first) const;
  // The parts that were not ours to decide, as they stand in the journal.
  void take_over_pace(const Decision& made, const Entries& entries, std::size_t first);
  std::string surprised_by(const Entry& entry) const;

  Lifecycle& lifecycle_;
  const PlanForms* plan_ = nullptr;
  Saga folded_, decided_;
  WallTime before_{};  // when something was decided last
  std::string surprise_;
};

// Why no arithmetic may be done with the times of this entry; empty when it may. A time is one of the years
// 1970 to 9999.
std::string untimely(const Entry& entry);
bool is_timely(WallTime at);

}  // namespace amends::engine
