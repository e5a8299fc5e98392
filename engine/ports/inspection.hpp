// Everything that a store holds, read once from front to back, for whoever checks it.
//
// Each page is one snapshot, so what belongs together is seen together also beside engines that write: a saga
// with its journal, or neither when it leaves. Pages are not of one snapshot: a saga that starts behind the
// page is not seen.
#pragma once
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/saga_id.hpp"
#include "engine/ports/store.hpp"

namespace amends::engine {

// A saga of which the store holds any row.
struct InspectedSaga {
  SagaId id;
  std::optional<SagaRow> row;  // nothing: there are only journal rows or tags
  // A sentence when a column of the row holds no value of its kind; the row then has an empty value there.
  std::string unreadable;
  bool is_misplaced = false;     // the row is in another shard than its id says
  bool lacks_start_key = false;  // it is not over and has a key, and the key does not lead to it
};

struct InspectedRow {
  JournalRow row;
  std::uint32_t writer = 0;
  std::string unreadable;  // as above
};

// Called inside the snapshot: keep it short.
class InspectionVisitor {
 public:
  virtual ~InspectionVisitor() = default;
  virtual void saga(const InspectedSaga& saga) = 0;
  virtual void row(const InspectedRow& row) = 0;  // of the saga before, ascending by seq
};

struct InspectionRange {
  ShardId shard = 0;
  SagaId after = {};  // exclusive
  SagaId last = {};   // inclusive
  std::uint32_t sagas_max = 0;
};

// Rows where nobody looks for them.
struct Stray {
  std::string table;  // "saga", "journal", "tag", "start_key", "command"
  std::string sentence;
  std::uint64_t count = 0;
};

// A writer as its row says; a journal row that was seen before is of no later epoch and of no later flush.
struct WriterRow {
  std::uint32_t writer = 0;
  std::uint64_t epoch = 0, commit_seq = 0;
};

// The end of the year 9999, in microseconds. What is later, or before 1970, is no time of ours.
inline constexpr std::int64_t inspected_time_max = 253'402'300'799'999'999;

// Adds the sagas of which there are only tags, and leaves out all behind `last`.
inline void add_lost(std::vector<InspectedSaga>& sagas, const std::vector<SagaId>& lost, const SagaId& last) {
  for (const SagaId& id : lost) sagas.push_back({id, {}, {}, false, false});
  std::erase_if(sagas, [&last](const InspectedSaga& saga) { return saga.id > last; });
  std::sort(sagas.begin(), sagas.end(),
            [](const InspectedSaga& a, const InspectedSaga& b) { return a.id < b.id; });
}

// Puts a page together, for the stores: what is known of sagas, ascending, and then their journal rows as
// they come.
class InspectedPage {
 public:
  InspectedPage(std::vector<InspectedSaga> sagas, InspectionVisitor& visitor)
      : sagas_(std::move(sagas)), visitor_(visitor) {}

  void row(const InspectedRow& row) {
    if (!current_ || *current_ != row.row.saga) {
      show_below(row.row.saga);
      current_ = row.row.saga;
      if (shown_ < sagas_.size() && sagas_[shown_].id == *current_)
        visitor_.saga(sagas_[shown_++]);
      else
        visitor_.saga({*current_, {}, {}, false, false});
    }
    visitor_.row(row);
  }
  void end() {
    while (shown_ < sagas_.size()) visitor_.saga(sagas_[shown_++]);
  }

 private:
  void show_below(const SagaId& id) {
    while (shown_ < sagas_.size() && sagas_[shown_].id < id) visitor_.saga(sagas_[shown_++]);
  }

  const std::vector<InspectedSaga> sagas_;
  InspectionVisitor& visitor_;
  std::size_t shown_ = 0;
  std::optional<SagaId> current_;
};

// One thread. Throws StoreUnavailable.
class Inspection {
 public:
  virtual ~Inspection() = default;
  virtual std::vector<ShardId> shards() = 0;
  // The range's first sagas_max sagas and a few rows without one, ascending. Says where to go on; nothing
  // when it is through.
  virtual std::optional<SagaId> visit(const InspectionRange& range, InspectionVisitor& visitor) = 0;
  // Reads every table's keys: as long as it takes.
  virtual std::vector<Stray> strays() = 0;
  virtual std::vector<WriterRow> writers() = 0;
};

}  // namespace amends::engine
