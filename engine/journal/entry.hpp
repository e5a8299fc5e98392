// The journal's vocabulary: everything that happens to a saga is one of these entries.
//
// An entry says what became of the saga in so many words: it names the state that a step or the saga is in
// after it. Folding a journal therefore needs neither the plan nor the tables that decided.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/base/time.hpp"
#include "engine/definition/outcome.hpp"
#include "engine/definition/plan.hpp"
#include "engine/definition/request.hpp"

namespace amends::engine {

// ---- states, by their stable names
// -----------------------------------------------------------------------------------

enum class SagaState : std::uint8_t {
  running,
  compensating,
  completed,
  compensated,
  needs_operator,
  abandoned
};
inline constexpr std::size_t saga_states = 6;

enum class StepState : std::uint8_t {
  pending,
  running,      // an attempt is in flight
  backing_off,  // no attempt is in flight; the next waits for its time, or for compensation or an operator
  succeeded,
  rejected,  // it did not and will not happen
  skipped,   // passed over: by an operator, or because compensation came before it happened
  undoing,
  undone,
  undo_empty,  // the undo found nothing to take back
  undo_failed,
  undo_skipped,  // an operator passed over its undo: what it did is left standing
};
inline constexpr std::size_t step_states = 11;

std::string_view name_of(SagaState state);
std::string_view name_of(StepState state);
std::optional<SagaState> find_saga_state(std::string_view name);
std::optional<StepState> find_step_state(std::string_view name);

inline bool is_terminal(SagaState s) {
  return s == SagaState::completed || s == SagaState::compensated || s == SagaState::abandoned;
}

// ---- commands
// ----------------------------------------------------------------------------------------------------------

enum class Verb : std::uint8_t { cancel, retry, skip, resolve, abandon };
std::string_view name_of(Verb verb);
std::optional<Verb> find_verb(std::string_view name);

// ---- entries
// -----------------------------------------------------------------------------------------------------------

struct StartedEntry {
  std::string plan_id, shape;
  std::uint32_t step_count = 0;
  WallTime at{};
  std::string key;    // empty when the client gave none
  std::string input;  // canonical JSON
  bool operator==(const StartedEntry&) const = default;
};

// The request of a step or undo, fixed for all attempts of this revision.
struct PreparedEntry {
  StepIndex step = 0;
  Direction direction = Direction::run;
  std::uint32_t revision = 1;
  RequestPtr request;
  EndpointFacts facts;
  bool operator==(const PreparedEntry& other) const {
    return step == other.step && direction == other.direction && revision == other.revision &&
           facts == other.facts && *request == *other.request;
  }
};

// The intent to send, committed before a byte leaves. Puts the step into running or undoing.
struct AttemptEntry {
  StepIndex step = 0;
  Direction direction = Direction::run;
  std::uint32_t number = 1;
  WallTime at{}, not_after{};
  bool operator==(const AttemptEntry&) const = default;
};

// What an attempt came to, and the state it left the step in.
struct OutcomeEntry {
  StepIndex step = 0;
  Direction direction = Direction::run;
  std::uint32_t number = 1;
  Outcome outcome = Outcome::unknown;
  StepState to = StepState::backing_off;
  bool counted = true;  // against attempts_max; false for an attempt that our own restart lost
  std::string result;   // canonical JSON, for done
  std::string error_class, error;
  std::optional<WallTime> wake_at;
  bool answered = true;  // false only for a refusal that did not come from the participant
  bool operator==(const OutcomeEntry&) const = default;
};

// A reply that came when its attempt was already decided: kept for people, never used.
struct LateEntry {
  StepIndex step = 0;
  Direction direction = Direction::run;
  std::uint32_t number = 1;
  Outcome outcome = Outcome::unknown;
  std::string error_class;
  bool operator==(const LateEntry&) const = default;
};

// A step moved without a reply: its request could not be prepared, compensation stopped it, an operator
// spoke. Clears the doubt about earlier attempts, unless it says that the doubt stays.
struct StepEntry {
  StepIndex step = 0;
  StepState to = StepState::pending;
  std::optional<std::string> result;  // resolve: what it returned
  std::string error_class, error;
  bool in_doubt = false;  // an earlier attempt may still have happened
  bool operator==(const StepEntry&) const = default;
};

// A step or undo starts over with a full count of attempts; a higher revision also means a new request and
// key.
struct AgainEntry {
  StepIndex step = 0;
  Direction direction = Direction::run;
  std::uint32_t revision = 1;
  bool operator==(const AgainEntry&) const = default;
};

// The saga itself moved; step and error say why, where there is a why.
struct SagaEntry {
  SagaState to = SagaState::running;
  std::optional<StepIndex> step;
  std::string error_class, error;
  bool operator==(const SagaEntry&) const = default;
};

// A command was consumed. It stands before what it caused.
struct CommandEntry {
  std::string command_id;
  Verb verb = Verb::cancel;
  std::string actor, reason;
  std::string answer;             // name_of(Verdict)
  std::optional<StepIndex> step;  // the leg that it spoke about, if about one
  Direction direction = Direction::run;
  bool operator==(const CommandEntry&) const = default;
};

using Entry = std::variant<StartedEntry, PreparedEntry, AttemptEntry, OutcomeEntry, LateEntry, StepEntry,
                           AgainEntry, SagaEntry, CommandEntry>;
using Entries = std::vector<Entry>;

// ---- text form
// -----------------------------------------------------------------------------------------------------------

// Appends the entry as one JSON object; a journal row's body is the array of them. docs/journal.md names the
// fields.
void encode(const Entry& entry, std::string& out);
std::string encode_row(const Entries& entries);

struct DecodedRow {
  Entries entries;
  std::string error;  // empty when the row was good; nothing of a bad row is used
};
DecodedRow decode_row(std::string_view body);

}  // namespace amends::engine
