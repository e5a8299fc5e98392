#include "engine/lifecycle/decide.hpp"

#include "engine/lifecycle/decider.hpp"

namespace amends::engine {

struct Lifecycle::Machines {
  StepTable steps;
  SagaTable sagas;
  mutable std::vector<std::uint64_t> taken;
};

Lifecycle::Lifecycle() : machines_(std::make_unique<Machines>()) {}
Lifecycle::~Lifecycle() = default;

namespace {

bool awaits(const Leg& leg, std::uint32_t number) {
  return leg.in_flight && leg.attempts == number;
}

struct Dispatch {
  Decider& d;

  void operator()(const StartEvent& start) const { d.start(start); }

  void operator()(const PreparedEvent& prepared) const {
    prepared.direction == Direction::run ? d.run_prepared(prepared) : d.undo_prepared(prepared);
  }

  void operator()(const RepliedEvent& replied) const { reply(replied, true); }

  void operator()(const WokeEvent& woke) const {
    const LegRef ref{woke.step, woke.direction};
    const Leg& leg = d.leg(ref);
    const StepState state = d.step(woke.step).state;
    const bool due = leg.wake_at && *leg.wake_at <= d.event.at && !leg.in_flight;
    const bool forward = d.saga.state == SagaState::running && ref.direction == Direction::run;
    if (forward && due && state == StepState::backing_off) d.attempt(ref);
    if (d.saga.state != SagaState::compensating || ref.direction == Direction::run) return;
    if (state != StepState::undoing)
      d.undo_next();
    else if (due)
      d.attempt(ref);
  }

  void operator()(const RecoveredEvent&) const {
    const Reply lost{Outcome::unknown,
                     "null",
                     "engine_restarted",
                     "the engine restarted while the attempt was in flight",
                     {},
                     false};
    for (StepIndex i = 0; i < d.plan.size(); ++i)
      for (const Direction direction : {Direction::run, Direction::undo}) {
        const Leg& leg = d.step(i).leg(direction);
        if (leg.in_flight) reply({i, direction, leg.attempts, lost}, false);
      }
    if (d.saga.state == SagaState::running) d.go_on();
    if (d.saga.state == SagaState::compensating) resume_undos();
  }

  void operator()(const CommandEvent& command) const { d.obey(command); }

 private:
  void reply(const RepliedEvent& replied, bool counted) const {
    const Leg& leg = d.leg({replied.step, replied.direction});
    if (!awaits(leg, replied.number)) {
      d.emit(LateEntry{replied.step, replied.direction, replied.number, replied.reply.outcome,
                       replied.reply.error_class});
      return;
    }
    replied.direction == Direction::run ? d.run_replied(replied, counted) : d.undo_replied(replied, counted);
  }

  void resume_undos() const {
    for (StepIndex i = d.plan.size(); i-- > 0;) {
      const LegRef ref{i, Direction::undo};
      const Leg& leg = d.leg(ref);
      if (d.step(i).state != StepState::undoing || leg.in_flight) continue;
      if (leg.wake_at && *leg.wake_at > d.event.at)
        d.wake(ref, *leg.wake_at);
      else
        d.attempt(ref);
    }
    d.undo_next();
  }
};

}  // namespace

Decision Lifecycle::decide(Saga& saga, const Plan& plan, const Event& event) {
  Decider decider{saga, plan, event, machines_->steps, machines_->sagas, {}};
  const bool starts = std::holds_alternative<StartEvent>(event.what);
  AMENDS_CHECK(starts == saga.steps.empty(), "a saga is started once, and first");
  if (is_terminal(saga.state) && !starts) {
    if (std::holds_alternative<CommandEvent>(event.what))
      decider.out.answer = {Verdict::refused, "the saga is over: " + std::string(name_of(saga.state))};
    return std::move(decider.out);
  }
  std::visit(Dispatch{decider}, event.what);
  return std::move(decider.out);
}

std::vector<Transition> Lifecycle::transitions() {
  std::vector<Transition> out = SagaTable::transitions();
  for (const Transition& row : StepTable::transitions()) out.push_back(row);
  return out;
}

const std::vector<std::uint64_t>& Lifecycle::taken() const {
  machines_->taken = machines_->sagas.taken();
  machines_->taken.insert(machines_->taken.end(), machines_->steps.taken().begin(),
                          machines_->steps.taken().end());
  return machines_->taken;
}

std::string effect_key(const Saga& saga, const Plan& plan, LegRef ref) {
  const Leg& leg = saga.steps[ref.step].leg(ref.direction);
  return saga.id.text() + "/" + plan.step(ref.step).name + "/" + std::string(name_of(ref.direction)) + "/" +
         std::to_string(leg.revision);
}

}  // namespace amends::engine
