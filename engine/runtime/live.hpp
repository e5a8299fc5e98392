// A saga in memory: its fold, its plan, and the journal row that it is about to write.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/journal/saga.hpp"
#include "engine/runtime/messages.hpp"

namespace amends::engine {

// Decisions not yet handed to the store; several become one row.
struct PendingRow {
  WallTime at{};     // of the last decision
  Elapsed since{};   // the first decision
  std::string body;  // "[entry,entry" without its end
  std::vector<Attempt> attempts;
  std::vector<CommandReply> answers;
};

struct Live {
  Saga saga;
  PlanPtr plan;
  std::optional<PendingRow> pending;

  // Of a start that no flush has taken yet.
  struct Starting {
    Token token = 0;
    std::string body_hash;
    std::vector<Tag> tags;
    std::optional<SagaId> posted = {};  // the command row that asked for it; its key is claimed already
  };
  std::optional<Starting> starting;

  bool listed = false;                  // stands in the shard's list of sagas that have something to write
  bool row_due = false;                 // the saga row is written with the next flush
  std::optional<WallTime> row_wake_at;  // what the saga row says, or will
  SagaState reported = SagaState::running;  // the last state that a flush carried

  // No other saga in memory has it, nor this one when it has been read back: jobs are known by it.
  std::uint64_t life = 0;
  std::uint32_t preparing = 0;       // jobs out
  Elapsed hold_until{};              // until then the row waits for them
  std::uint32_t busy = 0;            // attempts in flight
  std::uint32_t unlanded = 0;        // flushes that carry something of it, and have not landed
  std::vector<Timer> timers;         // asked for; stale ones are recognised by their leg's wake_at
  std::optional<Elapsed> landed_at;  // its attempts were let go then, and it has written nothing since
  std::uint64_t landing = 0;         // of Shard's count, the one that let its attempts go
  bool parked = false;               // rests in needs_operator, durably
  bool refused = false;              // the store refused a row of it: it is being parked
};

}  // namespace amends::engine
