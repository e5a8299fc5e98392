#include <algorithm>

#include "engine/lifecycle/decider.hpp"

namespace amends::engine {
namespace {

// A command is read against the saga first; only then is its entry written, so that the entry knows the
// answer.
class Obedience {
 public:
  Obedience(Decider& d, const CommandEvent& command) : d_(d), command_(command) {}

  void run() {
    switch (command_.verb) {
      case Verb::cancel: return cancel();
      case Verb::retry: return retry();
      case Verb::skip: return skip();
      case Verb::resolve: return resolve();
      case Verb::abandon: return abandon();
    }
  }

 private:
  // Refusals change nothing and leave no entry: the caller is told, and the log of the front has it.
  void refuse(Verdict verdict, std::string sentence) { d_.out.answer = {verdict, std::move(sentence)}; }

  void accept(Verdict verdict = Verdict::accepted) {
    d_.emit(CommandEntry{command_.command_id, command_.verb, command_.actor, command_.reason,
                         std::string(name_of(verdict)), target_, direction_});
    d_.out.answer = {verdict, {}};
  }

  void cancel() {
    // Asked for twice, it is obeyed once: whoever asks again wants what is happening.
    if (d_.saga.state == SagaState::compensating) return accept();
    if (d_.no_return_certain()) return refuse(Verdict::too_late, "the point of no return was passed");
    const bool undo_stuck = d_.saga.state == SagaState::needs_operator && was_compensating();
    if (undo_stuck)
      return refuse(Verdict::refused,
                    "the saga is being undone already, and its undo is stuck: retry, skip or resolve it");
    if (d_.no_return_possible()) return accept(Verdict::remembered);
    accept();
    d_.compensate(SagaMove::cancel, {std::nullopt, "cancelled", command_.reason});
  }

  void abandon() {
    if (command_.reason.empty()) return refuse(Verdict::refused, "abandoning needs a reason");
    accept();
    d_.move_saga(SagaMove::abandon, {std::nullopt, "abandoned", command_.reason});
  }

  void retry() {
    const auto i = named_step();
    if (!i) return;
    const LegRef ref{*i, direction_};
    const Leg& leg = d_.leg(ref);
    if (leg.in_flight) return refuse(Verdict::refused, quoted(*i) + " is in flight");
    const StepState state = d_.step(*i).state;
    const bool waits = state == StepState::backing_off || state == StepState::undoing;
    const bool parked = d_.saga.state == SagaState::needs_operator &&
                        (state == StepState::rejected || state == StepState::undo_failed ||
                         (state == StepState::pending && d_.is_ready(*i)));
    if (!waits && !parked)
      return refuse(Verdict::refused,
                    quoted(*i) + " is " + std::string(name_of(state)) + ", there is nothing to retry");
    if (ref.direction == Direction::run && was_compensating())
      return refuse(Verdict::refused, "the saga is being undone, so " + quoted(*i) + " is not tried again");
    if (d_.in_doubt(ref) && (d_.doubt_is_final(ref) || leg.was_rejected)) return refuse_in_doubt(*i, leg);
    accept();
    // A refusal was final for its key, so asking again needs a new one.
    d_.emit(AgainEntry{*i, ref.direction, leg.revision + (leg.was_rejected ? 1 : 0)});
    if (state == StepState::undo_failed)
      d_.emit(StepEntry{*i, d_.moved(*i, StepMove::undo), {}, leg.error_class, leg.error, leg.in_doubt});
    if (d_.saga.state == SagaState::needs_operator) return resume();
    d_.attempt(ref);
  }

  void refuse_in_doubt(StepIndex i, const Leg& leg) {
    refuse(Verdict::refused,
           quoted(i) + (leg.was_rejected
                            ? " was refused, but an earlier attempt may have happened: resolve it first"
                            : " may have happened and its participant does not know the key (any more): "
                              "resolve it first"));
  }

  void skip() {
    const auto i = named_step();
    if (!i) return;
    if (command_.reason.empty()) return refuse(Verdict::refused, "skipping needs a reason");
    if (d_.saga.state != SagaState::needs_operator)
      return refuse(Verdict::refused, "only a saga that needs an operator has a step to skip");
    const StepState state = d_.step(*i).state;
    const bool forward =
        !was_compensating() && (state == StepState::backing_off || state == StepState::rejected ||
                                (state == StepState::pending && d_.is_ready(*i)));
    if (!forward && state != StepState::undo_failed)
      return refuse(Verdict::refused,
                    quoted(*i) + " is " + std::string(name_of(state)) + " and cannot be skipped");
    if (forward && d_.in_doubt({*i, Direction::run}))
      return refuse(Verdict::refused, quoted(*i) + " may have happened: resolve it first");
    if (forward && !skippable(*i)) return;
    accept();
    d_.move_step(*i, StepMove::skip, "skipped", command_.reason);
    resume();
  }

  void resolve() {
    const auto i = named_step();
    if (!i) return;
    if (command_.reason.empty())
      return refuse(Verdict::refused, "resolving needs the evidence as its reason");
    if (d_.leg({*i, direction_}).in_flight)
      return refuse(Verdict::refused, quoted(*i) + " is in flight: wait for its answer");
    // While the saga goes on by itself, evidence is wanted where it asks again about what may have happened.
    if (d_.saga.state != SagaState::needs_operator && !waits_in_doubt(*i))
      return refuse(Verdict::refused,
                    quoted(*i) +
                        " is not in doubt, and only a saga that needs an operator has other steps to "
                        "resolve");
    const StepState state = d_.step(*i).state;
    if (direction_ == Direction::undo) return resolve_undo(*i);
    if (was_compensating() || (state != StepState::backing_off && state != StepState::rejected))
      return refuse(Verdict::refused,
                    quoted(*i) + " is " + std::string(name_of(state)) + ", there is nothing to resolve");
    if (command_.happened) return resolve_as_done(*i);
    if (state == StepState::rejected)
      return refuse(Verdict::refused, quoted(*i) + " is known not to have happened");
    accept();
    d_.move_step(*i, StepMove::refuse, "resolved", command_.reason);
    if (d_.saga.state == SagaState::running)
      return d_.cancel_counts() ? d_.obey_remembered_cancel() : d_.give_up(*i);
    // After the point of no return there is no way back: the step stays with the operator, who may retry it
    // now.
    if (d_.no_return_possible()) return;
    if (d_.cancel_counts()) return d_.obey_remembered_cancel();
    if (d_.plan.step(*i).kind != StepKind::retriable)
      d_.compensate(SagaMove::fail, {*i, "resolved", command_.reason});
  }

  void resolve_as_done(StepIndex i) {
    const bool nothing = d_.plan.step(i).result_is_nothing;
    if (!nothing && !command_.result)
      return refuse(Verdict::refused,
                    quoted(i) + " returns " + d_.plan.step(i).result_type + ": give the result");
    accept();
    const std::string result = nothing ? "null" : *command_.result;
    d_.emit(StepEntry{i, d_.moved(i, StepMove::succeed), result, "resolved", command_.reason, false});
    d_.saga.state == SagaState::running ? d_.advance(i) : resume();
  }

  void resolve_undo(StepIndex i) {
    const bool known_not = !command_.happened && !d_.step(i).undo.in_doubt;
    if (known_not)
      return refuse(Verdict::refused, "the undo of " + quoted(i) + " did not happen: retry it, or skip it");
    accept();
    if (command_.happened) {
      d_.move_step(i, StepMove::finish_undo, "resolved", command_.reason);
      return d_.saga.state == SagaState::compensating ? d_.undo_around(i) : resume();
    }
    // Known now not to have happened, a failed one stays with the operator, who may retry it.
    if (d_.step(i).state == StepState::undo_failed)
      return d_.move_step(i, StepMove::fail_undo, "resolved", command_.reason);
    d_.move_step(i, StepMove::undo, "resolved", command_.reason);
    if (d_.saga.state == SagaState::compensating) d_.attempt({i, Direction::undo});
  }

  // ---- what commands share

  void resume() {
    const bool undoing = was_compensating();
    d_.move_saga(undoing ? SagaMove::resume_undo : SagaMove::resume);
    undoing ? d_.resume_undos() : d_.go_on();
  }

  bool was_compensating() const { return d_.saga.compensation_begun; }

  bool undo_has_begun(StepIndex i) const {
    const StepState s = d_.step(i).state;
    return s == StepState::undoing || s == StepState::undo_failed;
  }

  // An attempt that may have happened is asked about again, later.
  bool waits_in_doubt(StepIndex i) const {
    const Direction direction = undo_has_begun(i) ? Direction::undo : Direction::run;
    const StepState s = d_.step(i).state;
    const bool waits = direction == Direction::undo ? s == StepState::undoing
                                                    : s == StepState::backing_off && !was_compensating();
    return waits && !d_.leg({i, direction}).in_flight && d_.in_doubt({i, direction});
  }

  // Whether the command may be about this step when it names none.
  bool is_candidate(StepIndex i) const {
    const StepState s = d_.step(i).state;
    const bool undo = undo_has_begun(i);
    if (d_.leg({i, undo ? Direction::undo : Direction::run}).in_flight) return false;
    if (!undo && was_compensating()) return false;
    if (command_.verb == Verb::retry && (s == StepState::undoing || s == StepState::backing_off)) return true;
    if (command_.verb == Verb::resolve && waits_in_doubt(i)) return true;
    if (d_.saga.state != SagaState::needs_operator) return false;
    const bool unsent = s == StepState::pending && d_.is_ready(i) && command_.verb != Verb::resolve;
    return unsent || s == StepState::undo_failed || s == StepState::rejected || s == StepState::backing_off;
  }

  // The one that is stuck; else the only one that waits.
  std::optional<StepIndex> likely_step() {
    const auto stuck = d_.saga.cause.step;
    if (d_.saga.state == SagaState::needs_operator && stuck && is_candidate(*stuck)) return stuck;
    std::vector<StepIndex> found;
    for (StepIndex i = 0; i < d_.plan.size(); ++i)
      if (is_candidate(i)) found.push_back(i);
    if (found.size() == 1) return found.front();
    if (found.empty()) {
      refuse(Verdict::refused, "no step is stuck; name one");
      return std::nullopt;
    }
    std::string names;
    for (std::size_t n = 0; n < found.size() && n < 5; ++n) names += (n == 0 ? "" : ", ") + quoted(found[n]);
    refuse(Verdict::refused, std::to_string(found.size()) + " steps may be meant, name one: " + names +
                                 (found.size() > 5 ? ", ..." : ""));
    return std::nullopt;
  }

  std::optional<StepIndex> named_step() {
    const std::string& name = command_.step;
    const auto i = name.empty() ? likely_step() : d_.plan.find_step(name);
    if (!i) {
      if (!name.empty()) refuse(Verdict::refused, "the plan has no step '" + name.substr(0, 64) + "'");
      return std::nullopt;
    }
    if (!name.empty() && name != d_.plan.step(*i).name && !undo_has_begun(*i)) {
      refuse(Verdict::refused, "'" + name + "', the undo of " + quoted(*i) + ", has not begun or is over");
      return std::nullopt;
    }
    direction_ = undo_has_begun(*i) ? Direction::undo : Direction::run;
    return target_ = i;
  }

  bool skippable(StepIndex i) {
    if (d_.plan.step(i).result_is_nothing) return true;
    for (const Step& later : d_.plan.steps()) {
      if (std::find(later.uses.begin(), later.uses.end(), i) == later.uses.end()) continue;
      refuse(Verdict::refused,
             "'" + later.name + "' uses the result of " + quoted(i) + ": resolve it with a result instead");
      return false;
    }
    return true;
  }

  std::string quoted(StepIndex i) const { return "'" + d_.plan.step(i).name + "'"; }

  Decider& d_;
  const CommandEvent& command_;
  std::optional<StepIndex> target_;
  Direction direction_ = Direction::run;
};

}  // namespace

void Decider::obey(const CommandEvent& command) {
  Obedience(*this, command).run();
}

}  // namespace amends::engine
