// Sagas that are set aside: seen, counted, and touched only to be abandoned.
#include "engine/base/check.hpp"
#include "engine/runtime/saga_row.hpp"
#include "engine/runtime/shard.hpp"

namespace amends::engine {
namespace {

std::string sentence(const Aside& aside) {
  if (aside.why == "definition_missing")
    return "the saga is set aside: its plan " + aside.saga.plan_id +
           " is not loaded, has another shape, or lacks an endpoint. Mend that, or abandon the saga";
  if (aside.why == "journal_unreadable")
    return "the saga is set aside: its journal cannot be read, so nothing can be decided behind it, not even "
           "that it is abandoned; the log says which row";
  return "the saga is set aside: the store does not take what it has to write; the log says why";
}

// Abandoning looks at no step, so a plan without anything in it stands in for the one that is missing.
// Nothing else may be decided on it.
PlanPtr stand_in(const Aside& aside) {
  std::vector<Step> steps(aside.saga.steps.size());
  for (Step& step : steps) step.result_is_nothing = true;
  return std::make_shared<const Plan>(aside.workflow, 0, "", std::move(steps));
}

}  // namespace

void Shard::set_aside(Saga saga, const SagaRow& stored, std::string_view why) {
  if (tenures_.of(stored.id.shard()) == Tenure::loading) {
    ++found_.sagas;
    ++found_.set_aside;
  }
  Aside& aside = aside_[stored.id];
  aside = {std::string(why), {}, stored.workflow};
  const bool readable = why == "definition_missing";
  if (stored.error_class != why) {
    SagaRow row = readable ? saga_row(saga, nullptr, stored.workflow) : stored;
    row.error_class = why;
    row.wake_at = stored.wake_at;  // without its plan nobody knows better
    aside_rows_.push_back(std::move(row));
  }
  if (readable) aside.saga = std::move(saga);
}

void Shard::command_aside(CommandCall call, Now now) {
  const Aside& aside = aside_.at(call.saga);
  if (aside.why == "definition_missing" && call.command.verb == Verb::abandon)
    return abandon_aside(std::move(call), now);
  const Caller caller = caller_of(call);
  settle({caller.token, CommandStatus::definition_missing, {}, sentence(aside), caller.posted});
}

void Shard::abandon_aside(CommandCall call, Now now) {
  const Caller caller = caller_of(call);
  const auto aside = aside_.find(call.saga);
  auto owned = std::make_unique<Live>();
  Live& live = *owned;
  live.plan = stand_in(aside->second);
  live.saga = aside->second.saga;
  live.reported = live.saga.state;
  Decision decision = lifecycle_.decide(live.saga, *live.plan, {now.wall, 0, std::move(call.command)});
  AMENDS_CHECK(decision.answer, "a command is answered");
  if (decision.entries.empty()) {
    settle({caller.token, CommandStatus::answered, std::move(*decision.answer), {}, caller.posted});
    return;
  }
  // Its row would say again that it is set aside.
  std::erase_if(aside_rows_, [&](const SagaRow& row) { return row.id == call.saga; });
  aside_.erase(aside);
  live.row_due = true;
  const bool fresh = live_.emplace(call.saga, std::move(owned)).second;
  AMENDS_CHECK(fresh, "a saga was both set aside and alive");
  absorb(live, std::move(decision), now, caller);
}

}  // namespace amends::engine
