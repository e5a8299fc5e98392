// Everything that can go wrong, by name, and a count of what did.
//
// To add a kind: a line in the enum, a line in the table of faults.cpp, and a strike() where it happens. The
// options, the command line, the report and the shrinking know it from the table.
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/simulation/base/chance.hpp"
#include "tests/simulation/base/event_queue.hpp"

namespace amends::simulation {

enum class Fault : std::uint8_t {
  // the store
  commit_lost,
  commit_landed,
  commit_late,
  commit_refused,
  commit_slow,
  disk_full,
  read_fails,
  take_over_fails,
  tend_fails,
  store_down,
  // the network
  connect_refused,
  request_lost,
  request_late,
  request_twice,
  reply_lost,
  reply_late,
  reply_broken,
  participant_down,
  // participants
  says_no,
  error_before,
  error_after,
  too_many,
  garbage,
  wrong_type,
  contradiction,
  slow_answer,
  // authors
  author_throws,
  author_slow,
  // engines
  crash,
  stop,
  hand_over,
  twin,
  plan_missing,
  clock_skew,
  clock_jump,
  // clients
  client_gone,
};
inline constexpr std::size_t fault_count = static_cast<std::size_t>(Fault::client_gone) + 1;

struct FaultRow {
  Fault fault;
  std::string_view name;
  // At most so often, in parts of a million: of all opportunities; for what is `timed`, of all seconds.
  std::int64_t ppm_max;
  std::string_view what;
};
const std::array<FaultRow, fault_count>& fault_rows();
std::string_view name_of(Fault fault);

// How often each kind shall happen in a run.
using FaultRates = std::array<std::int64_t, fault_count>;

struct FaultRecord {
  engine::WallTime at{};
  Fault fault{};
  std::string detail;
};

class Faults {
 public:
  Faults(const FaultRates& rates, EventQueue& queue, bool keep_log)
      : rates_(rates), queue_(queue), keep_log_(keep_log) {}

  // Whether it happens now. Draws once, whatever comes of it.
  bool strike(Fault fault, Chance& chance, std::string_view detail = {});
  // It happens.
  void struck(Fault fault, std::string_view detail = {});

  // From here on nothing goes wrong any more.
  void heal() { healed_ = true; }
  bool healed() const { return healed_; }

  std::int64_t rate(Fault fault) const { return rates_[static_cast<std::size_t>(fault)]; }
  const std::array<std::uint64_t, fault_count>& counts() const { return counts_; }
  const std::vector<FaultRecord>& log() const { return log_; }

 private:
  const FaultRates& rates_;
  EventQueue& queue_;
  const bool keep_log_;
  bool healed_ = false;
  std::array<std::uint64_t, fault_count> counts_{};
  std::vector<FaultRecord> log_;
};

}  // namespace amends::simulation
