#include "engine/runtime/offers.hpp"

namespace amends::engine {
namespace {

// A fan-out may be stuck in a thousand places; a person takes them one by one.
constexpr std::size_t steps_offered_max = 8;
constexpr Millis patience{60'000};

bool asks_in_vain(const Leg& leg, WallTime now) {
  return leg.attempts > 0 && !leg.error_class.empty() && (leg.wake_at || leg.in_flight) &&
         now > leg.first_sent + patience;
}

bool is_stuck(const Saga& saga, StepIndex i, WallTime now) {
  const StepProgress& step = saga.steps[i];
  switch (step.state) {
    case StepState::undo_failed: return true;
    case StepState::rejected: return saga.state == SagaState::needs_operator && !saga.compensation_begun;
    case StepState::pending: return saga.state == SagaState::needs_operator && saga.cause.step == i;
    case StepState::backing_off:
      return saga.state == SagaState::needs_operator || asks_in_vain(step.run, now);
    case StepState::undoing: return asks_in_vain(step.undo, now);
    case StepState::running:
    case StepState::succeeded:
    case StepState::skipped:
    case StepState::undone:
    case StepState::undo_empty:
    case StepState::undo_skipped: return false;
  }
  return false;
}

class Trial {
 public:
  Trial(const Saga& saga, const Plan& plan, WallTime now) : saga_(saga), plan_(plan), now_(now) {}

  void offer(Offer offer) {
    CommandEvent command{"trial", offer.verb, "trial", "trial", offer.step, offer.happened, {}};
    if (offer.happened) command.result = "null";
    Saga copy = saga_;
    const Decision decision = lifecycle_.decide(copy, plan_, {now_, 0, std::move(command)});
    const bool taken = decision.answer && (decision.answer->verdict == Verdict::accepted ||
                                           decision.answer->verdict == Verdict::remembered);
    if (taken) out.push_back(std::move(offer));
  }

  void offer_step(StepIndex i) {
    const Step& step = plan_.step(i);
    const bool undo = saga_.steps[i].state == StepState::undo_failed;
    const std::string& name = undo && step.undo ? step.undo->name : step.name;
    offer({Verb::retry, name, false, {}});
    offer({Verb::resolve, name, true, undo || step.result_is_nothing ? "" : step.result_type});
    offer({Verb::resolve, name, false, {}});
    offer({Verb::skip, name, false, {}});
  }

  std::vector<Offer> out;

 private:
  const Saga& saga_;
  const Plan& plan_;
  WallTime now_;
  Lifecycle lifecycle_;
};

}  // namespace

std::vector<Offer> offers_of(const Saga& saga, const Plan& plan, WallTime now) {
  if (is_terminal(saga.state) || saga.steps.size() != plan.size()) return {};
  Trial trial(saga, plan, now);
  std::size_t stuck = 0;
  for (StepIndex i = 0; i < saga.steps.size() && stuck < steps_offered_max; ++i) {
    if (!is_stuck(saga, i, now)) continue;
    ++stuck;
    trial.offer_step(i);
  }
  if (stuck == 0 && saga.state != SagaState::needs_operator) return {};
  if (!saga.compensation_begun && saga.cancel_command.empty()) trial.offer({Verb::cancel, {}, false, {}});
  trial.offer({Verb::abandon, {}, false, {}});
  return std::move(trial.out);
}

std::optional<LegRef> leg_meant(const Saga& saga, const Plan& plan, const CommandEvent& command,
                                WallTime now) {
  if (is_terminal(saga.state) || saga.steps.size() != plan.size()) return std::nullopt;
  Saga copy = saga;
  const Decision decision = Lifecycle().decide(copy, plan, {now, 0, command});
  for (const Entry& entry : decision.entries)
    if (const auto* obeyed = std::get_if<CommandEntry>(&entry); obeyed && obeyed->step)
      return LegRef{*obeyed->step, obeyed->direction};
  return std::nullopt;
}

}  // namespace amends::engine
