#include "engine/service/view.hpp"

#include "engine/base/rfc3339.hpp"
#include "engine/journal/saga.hpp"
#include "engine/runtime/offers.hpp"
#include "engine/service/story.hpp"

namespace amends::engine {
namespace {

// So many attempts of a leg are shown one by one; of more, the latest.
constexpr std::size_t attempts_shown_max = 20;

Json error_view(const std::string& error_class, const std::string& error) {
  return {{"class", error_class}, {"message", error}};
}

Json parsed(const std::string& canonical_text) {
  Json out = Json::parse(canonical_text, nullptr, false);
  return out.is_discarded() ? Json() : out;
}

Json act_view(const OperatorAct& act) {
  Json out{{"verb", name_of(act.verb)}};
  if (!act.actor.empty()) out["actor"] = act.actor;
  if (!act.reason.empty()) out["reason"] = act.reason;
  return out;
}

void add_leg(Json& out, const StepProgress& step, Direction direction, const std::vector<Json>& attempts) {
  const Leg& leg = step.leg(direction);
  if (step.act && step.act->direction == direction) out["act"] = act_view(*step.act);
  out["attempts"] = leg.attempts;
  if (leg.in_flight) out["in_flight"] = true;
  if (leg.in_doubt) out["in_doubt"] = true;
  if (leg.revision > 1) out["revision"] = leg.revision;
  if (leg.wake_at) out["wake_at"] = rfc3339(*leg.wake_at);
  if (!leg.error_class.empty()) out["error"] = error_view(leg.error_class, leg.error);
  if (leg.request) {
    out["adapter"] = leg.request->adapter;
    out["endpoint"] = leg.request->endpoint;
  }
  const std::size_t skip = attempts.size() > attempts_shown_max ? attempts.size() - attempts_shown_max : 0;
  out["log"] = Json::array();
  for (std::size_t i = skip; i < attempts.size(); ++i) out["log"].push_back(attempts[i]);
}

// The lifecycle's rule: where nobody recognises a late attempt of the step, its undo waits it out.
bool waits_for_stray(const StepProgress& step) {
  return step.state == StepState::backing_off && step.run.in_doubt &&
         step.run.facts.idempotency != Idempotency::barrier;
}

Json step_view(const StepProgress& step, StepIndex i, const Json& graph, const Story& story, bool undone) {
  Json out{{"name", step_name(graph, i)}, {"state", name_of(step.state)}};
  if (const Json* known = find_step(graph, i)) {
    out["kind"] = text_in(*known, "kind");
    out["after"] = known->value("after", Json::array());
  }
  add_leg(out, step, Direction::run, story.attempts(Direction::run, i));
  if (undone) out.erase("wake_at");  // its run is not sent again
  if (step.result) out["result"] = parsed(*step.result);
  const std::string undo = undo_name(graph, i);
  if (undo.empty() && step.undo.attempts == 0) return out;
  out["undo"] = {{"name", undo}};
  if (undone && waits_for_stray(step)) out["undo"]["not_before"] = rfc3339(step.run.stray_until);
  if (step.state == StepState::undo_skipped) out["undo"]["skipped"] = true;
  add_leg(out["undo"], step, Direction::undo, story.attempts(Direction::undo, i));
  return out;
}

// A saga that completed after all has no cause: what it had been stuck at stands among its turns.
void add_cause(Json& out, const Saga& saga, const Json& graph) {
  if (saga.cause.error_class.empty() || saga.state == SagaState::completed) return;
  out["cause"] = error_view(saga.cause.error_class, saga.cause.error);
  if (!saga.cause.step) return;
  out["cause"]["step"] = step_name(graph, *saga.cause.step);
  // There is no way forward any more: what it is stuck at is an undo.
  if (saga.state == SagaState::needs_operator && saga.compensation_begun)
    out["cause"]["undo"] = undo_name(graph, *saga.cause.step);
}

void add_offers(Json& out, const std::vector<Offer>& offers) {
  for (const Offer& offer : offers) {
    Json one{{"command", name_of(offer.verb)}};
    if (!offer.step.empty()) one["step"] = offer.step;
    if (offer.verb == Verb::resolve) one["happened"] = offer.happened;
    if (!offer.result_type.empty()) one["result_type"] = offer.result_type;
    out["next"].push_back(std::move(one));
  }
}

template <class T>
void name_step(Json& out, const char* field, const T& step, const Json& graph) {
  out.erase("s");
  out[field] = step_name(graph, step);
}

Json row_view(const SagaRow& row) {
  Json out{{"id", row.id.text()}, {"workflow", row.workflow}, {"plan", row.plan_id}, {"state", row.state}};
  out["created_at"] = rfc3339(row.created_at);
  out["updated_at"] = rfc3339(row.updated_at);
  if (!row.key.empty()) out["key"] = row.key;
  if (!row.step.empty()) out["step"] = row.step;
  if (!row.error_class.empty()) out["error_class"] = row.error_class;
  if (row.wake_at) out["wake_at"] = rfc3339(*row.wake_at);
  return out;
}

}  // namespace

Json listed_view(const ListedSaga& saga) {
  Json out = row_view(saga.row);
  if (!saga.endpoint.empty()) out["endpoint"] = saga.endpoint;
  if (saga.asked_since) out["asked_since"] = rfc3339(*saga.asked_since);
  return out;
}

Json saga_view(const StoredSaga& stored) {
  Json out = row_view(stored.row);
  FoldedSaga folded;
  folded.saga.id = stored.row.id;
  Story story(stored.graph);
  for (const JournalRow& row : stored.journal) {
    fold_row(folded, row.seq, row.at, row.body);
    if (!folded.error.empty()) break;
    story.follow(row);
  }
  out["tags"] = Json::object();
  for (const Tag& tag : stored.tags) out["tags"][tag.name] = tag.value;
  if (stored.journal.empty()) folded.error = "it has no journal";
  if (!folded.error.empty()) {
    out["damaged"] = folded.error;
    return out;
  }
  const Saga& saga = folded.saga;
  // Set aside, it is in the state that its row says; the journal knows nothing of it.
  const bool set_aside = stored.row.error_class == "definition_missing";
  if (set_aside)
    out["set_aside"] = {{"class", stored.row.error_class}, {"shape", saga.shape}};
  else
    out["state"] = name_of(saga.state);
  out["seq"] = saga.seq;
  out["updated_at"] = rfc3339(saga.updated_at);
  out["input"] = parsed(saga.input);
  if (is_terminal(saga.state)) out["ended_at"] = rfc3339(saga.updated_at);
  if (!saga.cancel_command.empty()) out["cancel"] = saga.cancel_command;
  if (!saga.cancel_command.empty() && !saga.compensation_begun && !is_terminal(saga.state))
    out["cancel_remembered"] = true;
  add_cause(out, saga, stored.graph);
  if (!story.acts().empty()) out["acts"] = story.acts();
  if (!story.turns().empty()) out["turns"] = story.turns();
  if (set_aside) out["next"] = {{{"command", name_of(Verb::abandon)}}};
  if (stored.plan && !set_aside) add_offers(out, offers_of(saga, *stored.plan, stored.read_at));
  const bool undone = saga.state == SagaState::compensating;
  out["steps"] = Json::array();
  for (StepIndex i = 0; i < saga.steps.size(); ++i)
    out["steps"].push_back(step_view(saga.steps[i], i, stored.graph, story, undone));
  return out;
}

Json journal_view(const std::vector<JournalRow>& journal, const Json& graph) {
  Json rows = Json::array();
  for (const JournalRow& row : journal) {
    Json one{{"seq", row.seq}, {"at", rfc3339(row.at)}, {"epoch", row.epoch}, {"commit_seq", row.commit_seq}};
    Json entries = Json::parse(row.body, nullptr, false);
    if (!entries.is_array()) {
      one["damaged"] = "the row is not readable";
      rows.push_back(std::move(one));
      continue;
    }
    for (Json& entry : entries) {
      if (!entry.is_object()) continue;
      if (entry.contains("s") && entry["s"].is_number_unsigned())
        name_step(entry, "step", entry["s"].get<StepIndex>(), graph);
      for (const char* time : {"at", "until", "wake"})
        if (entry.contains(time) && entry[time].is_number_integer())
          entry[time] = rfc3339(from_micros(entry[time].get<std::int64_t>()));
    }
    one["entries"] = std::move(entries);
    rows.push_back(std::move(one));
  }
  return {{"rows", std::move(rows)}};
}

}  // namespace amends::engine
