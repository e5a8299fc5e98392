#include "engine/lifecycle/decide.hpp"

#include "engine/base/buggify.hpp"
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

  void operator()(const RepliedEvent& replied) const { reply(replied, replied.counted); }

  void operator()(const WokeEvent& woke) const {
    const LegRef ref{woke.step, woke.direction};
    const Leg& leg = d.leg(ref);
    const StepState state = d.step(woke.step).state;
    // A timer without its wait is stale; one that rings early is set again, or nothing would wake the step.
    const bool waits = leg.wake_at.has_value();
    if (ref.direction == Direction::run) {
      if (d.saga.state == SagaState::running && state == StepState::backing_off && waits) d.try_again(ref);
      return;
    }
    if (d.saga.state != SagaState::compensating) return;
    if (state == StepState::undoing && waits) d.try_again(ref);
    if (d.needs_undo(woke.step)) d.undo_around(woke.step);
  }

  void operator()(const RecoveredEvent&) const {
    const Reply lost{Outcome::unknown,
                     "null",
                     "engine_restarted",
                     "the engine restarted while the attempt was in flight",
                     {},
                     false};
    // Gathered first: what the first of them causes to be sent is not lost.
    std::vector<RepliedEvent> lost_replies;
    for (StepIndex i = 0; i < d.plan.size(); ++i)
      for (const Direction direction : {Direction::run, Direction::undo}) {
        const Leg& leg = d.step(i).leg(direction);
        if (leg.in_flight) lost_replies.push_back({i, direction, leg.attempts, lost});
      }
    for (const RepliedEvent& replied : lost_replies) reply(replied, false);
    if (d.saga.state == SagaState::running) d.go_on();
    if (d.saga.state == SagaState::compensating && AMENDS_PLANTED("undo_list_restarts"))
      for (StepIndex i = 0; i < d.plan.size(); ++i)
        if (d.step(i).state == StepState::undone)
          d.emit(StepEntry{i, StepState::succeeded, std::nullopt, {}, {}, false});
    if (d.saga.state == SagaState::compensating) d.resume_undos();
  }

  void operator()(const CommandEvent& command) const { d.obey(command); }

 private:
  void reply(const RepliedEvent& replied, bool counted) const {
    const Leg& leg = d.leg({replied.step, replied.direction});
    const bool used = AMENDS_PLANTED("late_reply_used") && leg.in_flight;
    if (!awaits(leg, replied.number) && !used) {
      d.emit(LateEntry{replied.step, replied.direction, replied.number, replied.reply.outcome,
                       replied.reply.error_class});
      return;
    }
    replied.direction == Direction::run ? d.run_replied(replied, counted) : d.undo_replied(replied, counted);
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
  const std::uint32_t more = AMENDS_PLANTED("new_key_per_attempt") ? leg.attempts - 1 : 0;
  return saga.id.text() + "/" + plan.step(ref.step).name + "/" + std::string(name_of(ref.direction)) + "/" +
         std::to_string(leg.revision + more);
}

}  // namespace amends::engine
