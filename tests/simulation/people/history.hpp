// What clients asked, when, and what they heard: the only thing that they know.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/saga_id.hpp"
#include "engine/base/time.hpp"

namespace amends::simulation {

struct HistoryRecord {
  std::string client, op;  // "start", "command", "get"
  engine::WallTime call_at{};
  std::optional<engine::WallTime> return_at;
  std::string outcome = "info";  // "ok", "fail"; "info": nobody knows
  std::string status;            // a stable name: "created", "accepted", ...
  std::string key, body_hash;
  std::optional<engine::SagaId> saga;
  std::string verb, command;
  std::optional<std::uint32_t> seq;
  std::string state;
};

class History {
 public:
  explicit History(bool keep) : keep_(keep) {}

  // Opens a record; the place is for close(), and 0 when nothing is kept.
  std::size_t open(HistoryRecord record) {
    if (!keep_) return 0;
    records_.push_back(std::move(record));
    return records_.size() - 1;
  }
  template <typename Change>
  void close(std::size_t at, engine::WallTime now, Change&& change) {
    if (!keep_) return;
    records_[at].return_at = now;
    change(records_[at]);
  }
  const std::vector<HistoryRecord>& records() const { return records_; }

 private:
  const bool keep_;
  std::vector<HistoryRecord> records_;
};

}  // namespace amends::simulation
