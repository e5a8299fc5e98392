// What goes into a shard and what comes out of it.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/saga_id.hpp"
#include "engine/base/time.hpp"
#include "engine/definition/plan.hpp"
#include "engine/lifecycle/decide.hpp"
#include "engine/ports/effect.hpp"
#include "engine/ports/store.hpp"

namespace amends::engine {

// Both times of one turn of the loop: the wall's is journalled, the other measures.
struct Now {
  WallTime wall{};
  Elapsed elapsed{};
};

// The caller's own mark on a call; the reply bears it.
using Token = std::uint64_t;

// A call that came through the store, where it waits until its flush says what became of it.
struct Posted {
  SagaId command;     // the command row's own id
  Elapsed read_at{};  // before it was read as undecided: it counts only if the shard has been ours since
};

// Who hears the answer to a command.
struct Caller {
  Token token = 0;
  std::optional<SagaId> posted = {};
};

// ---- starts ----------------------------------------------------------------------------------------------

// Already checked: the key and tags are well-formed, the input is canonical and fits the plan.
struct StartCall {
  Token token = 0;
  PlanPtr plan;
  std::string key;        // empty for none
  std::string body_hash;  // only read beside a key
  std::string input;
  std::vector<Tag> tags;
  // Starts with the same number, accepted one after the other, go to the same shard.
  std::optional<std::uint64_t> draw = {};
  // Of one that came through the store: it has its id, and its key, from there.
  std::optional<SagaId> saga = {};
  std::optional<Posted> posted = {};
  // Of one that came through the store and will never work, a command too: why. Then nothing else counts.
  std::string invalid = {};
};

enum class StartStatus : std::uint8_t {
  created,       // durable
  same,          // the key was used for the same body: here is its saga
  key_conflict,  // the key was used for another body
  invalid,       // the store does not take this data
  unavailable,   // nothing was started, or nobody knows: asking again with the same key is safe
  disk_full,     // nothing was started
};

struct StartReply {
  Token token = 0;
  StartStatus status = StartStatus::unavailable;
  SagaId saga;           // for created, same and key_conflict
  std::string sentence;  // for the others
};

// ---- commands --------------------------------------------------------------------------------------------

struct CommandCall {
  Token token = 0;
  SagaId saga;
  CommandEvent command;
  std::optional<Posted> posted = {};
};

enum class CommandStatus : std::uint8_t {
  answered,            // see `answer`
  not_live,            // over, or never there: the store knows
  definition_missing,  // its plan is not loaded, or its journal cannot be read
  unavailable,         // nothing was decided, or nobody knows
  disk_full,           // the same, because the store has no room
  elsewhere,           // nothing was decided: its shard is another engine's
};

struct CommandReply {
  Token token = 0;
  CommandStatus status = CommandStatus::unavailable;
  CommandAnswer answer;
  std::string sentence;               // for all but answered
  std::optional<SagaId> posted = {};  // the command row, of one that came through the store
};

// What callers hear whom the engine did not take in any more.
inline StartReply start_while_stopping() {
  return {0, StartStatus::unavailable, {}, "the engine is stopping"};
}
inline CommandReply command_while_stopping() {
  return {0, CommandStatus::unavailable, {}, "the engine is stopping"};
}

// ---- preparing -------------------------------------------------------------------------------------------

// Owns copies of what the author's function may read, for it runs while the saga goes on.
struct PrepareJob {
  SagaId saga;
  LegRef leg;
  PlanPtr plan;
  std::string input;  // empty unless the step uses it
  std::vector<std::pair<StepIndex, std::string>> results;
  std::optional<std::string> own_result;
  std::uint64_t life = 0;  // of Live::life
};

struct PrepareResult {
  SagaId saga;
  PreparedEvent event;
  std::uint64_t life = 0;  // its job's
};

// ---- out -------------------------------------------------------------------------------------------------

// A saga ended or parked, durably.
struct Rested {
  SagaId saga;
  SagaState state = SagaState::completed;
};

// Collected until the driver takes them. Everything but `prepares` and `reloads` is released by a commit, or
// depends on none.
struct Outputs {
  std::vector<PrepareJob> prepares;
  std::vector<Attempt> attempts;
  std::vector<StartReply> starts;
  std::vector<CommandReply> commands;
  std::vector<Rested> rested;
  std::vector<SagaId> reloads;  // read them back, and answer each with Shard::reloaded

  bool empty() const {
    return prepares.empty() && attempts.empty() && starts.empty() && commands.empty() && rested.empty() &&
           reloads.empty();
  }
};

}  // namespace amends::engine
