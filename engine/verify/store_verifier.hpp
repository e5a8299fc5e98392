// A whole store, saga by saga, in memory that does not grow with it.
#pragma once
#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/ports/inspection.hpp"
#include "engine/verify/plan_book.hpp"
#include "engine/verify/saga_verifier.hpp"

namespace amends::engine {

struct VerifyWanted {
  std::optional<SagaId> saga = {};     // only this one
  std::optional<WallTime> since = {};  // only those that were started then or later
  std::uint64_t sagas_max = 0;         // at most so many, oldest first in each shard; 0: all
  // Of those without a limit of any kind also the rows that no saga leads to are counted.
  bool is_everything() const { return !saga && !since && sagas_max == 0; }
};

struct VerifyTotals {
  std::uint64_t sagas = 0, rows = 0, entries = 0;
  std::uint64_t findings = 0, repairs = 0;  // repairs: sagas whose row has a safe one
  std::array<std::uint64_t, finding_kinds> by_kind{};
  bool cut_short = false;  // by sagas_max
};

// A saga row that should be another one, by its journal.
struct Repair {
  std::optional<SagaRow> before;  // nothing: there is no row
  SagaRow after;
};

// Hears of everything in the order in which it is found: shards ascending, ids ascending.
class VerifyListener {
 public:
  virtual ~VerifyListener() = default;
  virtual void found(const Finding& finding) = 0;
  virtual void repairable(const Repair&) {}
  // After each page; no transaction is open.
  virtual void page(const VerifyTotals&) {}
};

// One thread. Throws StoreUnavailable.
class StoreVerifier : private InspectionVisitor {
 public:
  // The store must have an inspection.
  StoreVerifier(StoreReader& store, VerifyListener& listener);
  VerifyTotals run(const VerifyWanted& wanted);

 private:
  // What journal rows say about a writer's flushes in one of its epochs.
  struct Tenancy {
    std::uint64_t first = 0, last = 0;
    Finding sample;  // the row of the last one
  };

  void saga(const InspectedSaga& saga) override;
  void row(const InspectedRow& row) override;
  void finish_saga();
  void find(Finding finding);
  void walk(const VerifyWanted& wanted, ShardId shard);
  void look_at_strays();
  void look_at_writers();

  StoreReader& store_;
  Inspection& inspection_;
  VerifyListener& listener_;
  PlanBook plans_;
  SagaVerifier verifier_;
  VerifyTotals totals_;
  std::optional<InspectedSaga> current_;
  std::map<std::uint32_t, std::map<std::uint64_t, Tenancy>> tenancies_;  // by writer, by epoch
};

}  // namespace amends::engine
