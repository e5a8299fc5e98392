// What becomes of a saga when something happens to it. Pure: no clock, no chance, no I/O; the event carries
// them.
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "engine/definition/plan.hpp"
#include "engine/journal/entry.hpp"
#include "engine/journal/saga.hpp"

namespace amends::engine {

// ---- what can happen
// ---------------------------------------------------------------------------------------------------

struct StartEvent {
  std::string key;    // empty when the client gave none
  std::string input;  // canonical JSON, already checked against the plan's input type
};

// The author's function gave a request, with the facts of the endpoint it names; or it failed.
struct PreparedEvent {
  StepIndex step = 0;
  Direction direction = Direction::run;
  RequestPtr request;  // nullptr when it failed
  EndpointFacts facts;
  std::string error;  // when it failed
};

struct RepliedEvent {
  StepIndex step = 0;
  Direction direction = Direction::run;
  std::uint32_t number = 1;
  Reply reply;
  bool counted = true;  // false: we ourselves kept it from being sent; it is sent again at once
};

// A timer that a decision asked for is due.
struct WokeEvent {
  StepIndex step = 0;
  Direction direction = Direction::run;
};

// The saga was read back from the store: whatever was in flight is lost, whatever was being prepared is not.
struct RecoveredEvent {};

struct CommandEvent {
  std::string command_id;
  Verb verb = Verb::cancel;
  std::string actor, reason;
  std::string step;                   // name of a step; empty: the one that is stuck
  bool happened = false;              // resolve: what the evidence says
  std::optional<std::string> result;  // resolve, happened: canonical JSON
};

struct Event {
  WallTime at{};
  std::uint64_t random = 0;  // back-off jitter
  std::variant<StartEvent, PreparedEvent, RepliedEvent, WokeEvent, RecoveredEvent, CommandEvent> what;
  Millis slack{0};  // how much later than `at` an attempt may leave: its time is so much longer
};

// ---- what follows
// ------------------------------------------------------------------------------------------------------

enum class Verdict : std::uint8_t {
  accepted,
  remembered,  // cancel: the point of no return is in doubt; it counts if that turns out not to have happened
  too_late,    // cancel: the point of no return was passed
  refused,     // it does not fit the saga's state; the sentence says why
};
std::string_view name_of(Verdict verdict);

struct CommandAnswer {
  Verdict verdict = Verdict::refused;
  std::string sentence;  // for refused and too_late
};

struct LegRef {
  StepIndex step = 0;
  Direction direction = Direction::run;
  bool operator==(const LegRef&) const = default;
};

struct Timer {
  LegRef leg;
  WallTime at{};
};

struct Decision {
  Entries entries;               // already folded into the saga; journal them in one row
  std::vector<LegRef> prepares;  // ask the author's code; may be done before the commit, it has no effect
  std::vector<LegRef>
      attempts;               // send after the commit; number, request and not_after stand in the saga's leg
  std::vector<Timer> timers;  // deliver a WokeEvent then; a timer that is no longer wanted is ignored
  std::optional<CommandAnswer> answer;  // to a CommandEvent
};

// ---- deciding
// ----------------------------------------------------------------------------------------------------------

// One row of a state table, by stable names, for the document and for the test that wants each row taken.
struct Transition {
  std::string_view machine, from, event, to;
  bool operator==(const Transition&) const = default;
};

// Owns the reusable state machines. One thread.
class Lifecycle {
 public:
  Lifecycle();
  ~Lifecycle();

  // Advances `saga` by exactly the returned entries (and Leg::preparing). `plan` is the one the saga is
  // pinned to. A saga that is over absorbs: no entries, and a command is refused.
  Decision decide(Saga& saga, const Plan& plan, const Event& event);

  // All rows of the two tables, in table order; and how often this object has taken each.
  static std::vector<Transition> transitions();
  const std::vector<std::uint64_t>& taken() const;

 private:
  struct Machines;
  std::unique_ptr<Machines> machines_;
};

// ---- looking ahead
// -----------------------------------------------------------------------------------------------------

// What compensating now would do, in an order in which it may happen; `wave` grows, equal waves may run side
// by side.
struct RollbackStep {
  StepIndex step = 0;
  std::uint32_t wave = 0;
  bool may_not_have_happened = false;  // its outcome is unknown: the undo copes
};

struct RollbackPreview {
  bool possible = false;
  std::string why_not;
  std::vector<RollbackStep> undos;
};

RollbackPreview preview_rollback(const Saga& saga, const Plan& plan);

// The key that all attempts of a leg's revision share: "{saga}/{step}/{run|undo}/{revision}".
std::string effect_key(const Saga& saga, const Plan& plan, LegRef leg);

}  // namespace amends::engine
