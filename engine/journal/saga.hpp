// A saga as the fold of its journal.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/saga_id.hpp"
#include "engine/journal/entry.hpp"

namespace amends::engine {

// One direction of a step: the run or its undo.
struct Leg {
  std::uint32_t attempts = 0;  // numbers used so far
  std::uint32_t spent = 0;     // attempts that count against attempts_max since the leg last started over
  std::uint32_t revision = 1;
  bool in_flight = false;
  bool in_doubt = false;      // some attempt may have happened, and nothing since has cleared it
  bool was_rejected = false;  // the last outcome was a business refusal
  std::optional<WallTime> wake_at;
  WallTime first_sent{};   // of this revision
  WallTime not_after{};    // of the last attempt
  WallTime stray_until{};  // until then an attempt that nobody answered may still arrive
  RequestPtr request;      // nullptr until prepared
  EndpointFacts facts;
  std::string error_class, error;  // of the last attempt that failed

  // Not folded: a request has been asked for and is not here yet. Lost in a crash, and asked for again.
  bool preparing = false;
};

// After an unknown attempt, a refusal says that nothing happened only where the participant itself answered
// and knows the key again: elsewhere it speaks for its own attempt alone.
inline bool refusal_clears_doubt(const EndpointFacts& facts, bool answered) {
  if (!answered) return false;
  return facts.idempotency == Idempotency::key || facts.idempotency == Idempotency::barrier;
}

// What an operator did about a step: retry, skip or resolve, of its run or its undo.
struct OperatorAct {
  Verb verb = Verb::retry;
  Direction direction = Direction::run;
  std::string actor, reason;
  bool operator==(const OperatorAct&) const = default;
};

struct StepProgress {
  StepState state = StepState::pending;
  Leg run, undo;
  std::optional<OperatorAct> act;     // the latest
  std::optional<std::string> result;  // canonical JSON; known once the step succeeded

  Leg& leg(Direction d) { return d == Direction::run ? run : undo; }
  const Leg& leg(Direction d) const { return d == Direction::run ? run : undo; }
};

// Why a saga is not simply running: the first refusal, a cancel, the step that is stuck.
struct Cause {
  std::optional<StepIndex> step;
  std::string error_class, error;
  bool operator==(const Cause&) const = default;
};

struct Saga {
  SagaId id;
  std::string plan_id, shape, key, input;
  WallTime created_at{}, updated_at{};
  std::uint32_t seq = 0;  // journal rows folded
  SagaState state = SagaState::running;
  std::vector<StepProgress> steps;
  std::uint32_t unfinished = 0;  // steps neither succeeded nor skipped
  Cause cause;   // what it is about now: where it is stuck, else why it was turned back; none while it runs
  Cause origin;  // what turned it back, also while an undo is stuck; of an abandoned one, what stood before
  bool compensation_begun = false;  // there is no way forward any more, also while it rests with an operator
  std::string cancel_command;       // a cancel that was accepted or is remembered; empty without one
};

// Advances `saga` by one entry, which fits it.
void fold(Saga& saga, const Entry& entry);

// Why the entry cannot be folded into `saga`: one that starts it again, or about a step that it does not
// have. Empty when it can.
std::string misfit(const Saga& saga, const Entry& entry);

// Equality over everything that is folded; says where two sagas differ, empty when nowhere.
std::string difference(const Saga& a, const Saga& b);

// The fold of whole rows; `error` is set, and the saga unusable, when a row is not readable or out of
// sequence.
struct FoldedSaga {
  Saga saga;
  std::string error;
};
void fold_row(FoldedSaga& into, std::uint32_t seq, WallTime at, std::string_view body);

}  // namespace amends::engine
