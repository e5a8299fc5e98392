#include "tests/simulation/people/operators.hpp"

namespace amends::simulation {

using namespace engine;

void Operators::begin() {
  const bool healed = setting_.faults.healed();
  setting_.queue.after(healed ? Millis(200) : Millis(400), "operators look", [this] {
    look();
    begin();
  });
}

void Operators::look() {
  for (const SagaId& id : witness_.parked())
    if (setting_.faults.healed() || chance_.one_in(3)) help(*witness_.find(id));
}

bool Operators::knows(const Story& story, StepIndex step) const {
  return network_.is_quiet(story.saga().id, story.plan->plan->step(step).name);
}

CommandRequest Operators::resolve(const Story& story, StepIndex step) const {
  const Saga& saga = story.saga();
  const Step& planned = story.plan->plan->step(step);
  const StepState state = saga.steps[step].state;
  const bool undo = state == StepState::undo_failed || state == StepState::undoing;
  const bool stands = books_.find(saga.id, planned.name).now > 0;
  CommandRequest request{saga.id,      Verb::resolve,           "ann", "it stands in their books",
                         planned.name, undo ? !stands : stands, {}};
  if (planned.kind == StepKind::read) request.happened = true;  // asked by other ways
  if (request.happened) request.result = Json{{"id", 0}, {"by", "ann"}};
  return request;
}

// First the gentlest that may work.
void Operators::help(const Story& story) {
  const Saga& saga = story.saga();
  const std::optional<StepIndex> step = saga.cause.step;
  const std::uint32_t refused = refused_[saga.id];
  const std::string name = step ? story.plan->plan->step(*step).name : "";
  CommandRequest request{saga.id, Verb::retry, "ann", "mended", name, false, {}};
  if (refused % 4 == 1 && step && knows(story, *step)) request = resolve(story, *step);
  const bool skips = refused % 4 == 2, abandons = refused % 4 == 3 && refused > 20;
  if (skips && step && books_.find(saga.id, name).now == 0 && knows(story, *step)) request.verb = Verb::skip;
  if (abandons) request.verb = Verb::abandon;
  senders_.send("ann", request, [this, id = saga.id](bool accepted, const std::string& why) {
    if (accepted)
      refused_[id] = 0;
    else
      ++refused_[id];
    if (!accepted && setting_.queue.tracing()) setting_.queue.say("ann is refused: " + why);
  });
}

}  // namespace amends::simulation
