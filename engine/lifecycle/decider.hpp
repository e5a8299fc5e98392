// One decision in the making: the saga, its plan, the event, and what follows so far. Internal to
// engine/lifecycle.
//
// The work is split by direction: forward.cpp drives steps to the end of the plan, compensation.cpp takes
// them back, operator.cpp obeys commands. Each function emits entries; an entry is folded at once, so that
// the next question is asked of the saga as it is by then.
#pragma once
#include <string_view>

#include "engine/base/check.hpp"
#include "engine/lifecycle/decide.hpp"
#include "engine/lifecycle/tables.hpp"

namespace amends::engine {

struct Decider {
  Saga& saga;
  const Plan& plan;
  const Event& event;
  StepTable& step_table;
  SagaTable& saga_table;
  Decision out;

  StepProgress& step(StepIndex i) { return saga.steps[i]; }
  Leg& leg(LegRef ref) { return saga.steps[ref.step].leg(ref.direction); }

  // ---- emit.cpp: the only writers of entries
  void emit(Entry entry);
  StepState moved(StepIndex i, StepMove move);  // where the table leads; no row is a bug of ours
  void move_step(StepIndex i, StepMove move, std::string_view error_class = {}, std::string_view error = {});
  void move_saga(SagaMove move, const Cause& cause = {});
  void want_request(LegRef ref);  // asks the author's code, unless it was asked already
  void attempt(LegRef ref);       // sends, or asks for the request first
  void try_again(LegRef ref);     // after a wait: sends, waits on, or finds that it may not be sent any more
  void wake(LegRef ref, WallTime at) { out.timers.push_back({ref, at}); }

  // ---- forward.cpp
  void start(const StartEvent& start);
  void run_prepared(const PreparedEvent& prepared);
  void run_replied(const RepliedEvent& replied, bool counted);
  void advance(StepIndex succeeded);
  void obey_remembered_cancel();
  void give_up(StepIndex i);  // it will not be tried again: back where that is possible, else an operator
  void go_on();               // schedules everything that may run now
  void park(LegRef ref, std::string_view error_class, std::string_view error);
  void park(StepIndex i, std::string_view error_class, std::string_view error) {
    park({i, Direction::run}, error_class, error);
  }

  // ---- compensation.cpp
  void compensate(SagaMove why, const Cause& cause);
  void undo_next();               // schedules every undo whose turn it is; ends the saga after the last
  void undo_around(StepIndex i);  // the same, when only `i` has changed
  void undo_or_wait(StepIndex i);
  void resume_undos();  // after a rest or a restart: what was under way goes on, unless an undo is stuck
  void undo_prepared(const PreparedEvent& prepared);
  void undo_replied(const RepliedEvent& replied, bool counted);

  // ---- operator.cpp
  void obey(const CommandEvent& command);

  // ---- questions (questions.cpp)
  bool is_ready(StepIndex i) const;  // all predecessors succeeded or were skipped
  // The point of no return may have been passed, in doubt counts; `except` is left out of the question.
  bool no_return_possible(std::optional<StepIndex> except = {}) const;
  bool no_return_certain() const;
  bool cancel_counts() const;  // one is remembered, and the point turned out not to have been passed
  bool needs_undo(StepIndex i) const;
  bool is_settled(StepIndex i) const;  // nothing of it stands and nothing is in flight
  bool its_turn(StepIndex i) const;    // everything that came after it is settled
  bool may_resend(LegRef ref, Outcome outcome, bool counted) const;
  bool in_doubt(LegRef ref) const;  // an attempt may have happened, and that matters
  bool doubt_is_final(LegRef ref) const;
  bool is_stuck(StepIndex i) const;  // only an operator can move it, though the saga runs
  WallTime next_attempt_at(LegRef ref, const Reply& reply) const;
  const RetryPolicy& policy(LegRef ref) const;
};

}  // namespace amends::engine
