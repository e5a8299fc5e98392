#include "engine/service/service.hpp"

#include <atomic>

#include "engine/runtime/offers.hpp"

namespace amends::engine {

Service::Service(Writers writers, const PlanCatalog& catalog, StoreReader& store, Clock& clock,
                 Entropy& entropy, SharedStore* shared)
    : writers_(std::move(writers)),
      catalog_(catalog),
      store_(store),
      clock_(clock),
      entropy_(entropy),
      shared_(shared) {
  if (shared) elsewhere_ = std::make_unique<Elsewhere>(*shared, clock);
  for (const PlanPtr& plan : catalog.plans()) {
    if (writers_.refused_plans().contains(plan->id())) continue;
    plans_[plan->id()] = plan;
    graphs_[plan->id()] = Json::parse(plan->graph_json(), nullptr, false);
  }
}

void Service::stop() {
  if (elsewhere_) elsewhere_->stop();
}

// ---- starts ----------------------------------------------------------------------------------------------

Answer<StartCall> Service::admit(const StartRequest& request) const {
  if (writers_.stopping()) return {ServiceError::stopping, "the engine is stopping", {}};
  auto call = check_start(request, catalog_);
  if (!call.ok()) return call;
  const auto refused = writers_.refused_plans().find(call.value.plan->id());
  if (refused != writers_.refused_plans().end()) return {ServiceError::unknown_version, refused->second, {}};
  return call;
}

Answer<Started> Service::started(const StartReply& reply) const {
  const auto error = [&](ServiceError what, std::string sentence) {
    return Answer<Started>{what, std::move(sentence), {reply.saga, false}};
  };
  switch (reply.status) {
    case StartStatus::created: return {ServiceError::none, {}, {reply.saga, false}};
    case StartStatus::same: return {ServiceError::none, {}, {reply.saga, true}};
    case StartStatus::key_conflict:
      return error(ServiceError::key_conflict,
                   "the key was used for another version, input or tags, by saga " + reply.saga.text());
    case StartStatus::invalid: return error(ServiceError::invalid, reply.sentence);
    case StartStatus::disk_full: return error(ServiceError::disk_full, reply.sentence);
    case StartStatus::unavailable:
      return error(writers_.stopping() ? ServiceError::stopping : ServiceError::unavailable, reply.sentence);
  }
  return error(ServiceError::unavailable, reply.sentence);
}

void Service::start(const StartRequest& request, StartCallback done) {
  auto call = admit(request);
  if (!call.ok()) return done({call.error, std::move(call.sentence), {}});
  writers_.start(std::move(call.value),
                 [this, done = std::move(done)](const StartReply& reply) { done(started(reply)); });
}

void Service::start_batch(const std::vector<StartRequest>& requests, BatchCallback done) {
  struct Gathering {
    std::vector<Answer<Started>> answers;
    std::atomic<std::size_t> open;
    BatchCallback done;
  };
  auto gathering = std::make_shared<Gathering>();
  gathering->answers.resize(requests.size());
  gathering->done = std::move(done);
  // One shard for all: their rows lie side by side in every index.
  const std::uint64_t draw = entropy_.draw();
  std::vector<PostedStart> posted;
  for (std::size_t i = 0; i < requests.size(); ++i) {
    auto call = admit(requests[i]);
    if (!call.ok()) {
      gathering->answers[i] = {call.error, std::move(call.sentence), {}};
      continue;
    }

    call.value.draw = draw;
    posted.push_back({std::move(call.value), [this, gathering, i](const StartReply& reply) {
                        gathering->answers[i] = started(reply);
                        if (gathering->open.fetch_sub(1) == 1) gathering->done(gathering->answers);
                      }});
  }
  if (posted.empty()) return gathering->done(gathering->answers);
  gathering->open = posted.size();
  writers_.start(std::move(posted));
}

// ---- commands --------------------------------------------------------------------------------------------

Answer<Verdict> Service::obeyed(const CommandReply& reply) const {
  switch (reply.status) {
    case CommandStatus::answered: break;
    case CommandStatus::not_live: return {ServiceError::already_over, "the saga is over", {}};
    case CommandStatus::definition_missing: return {ServiceError::refused, reply.sentence, {}};
    case CommandStatus::disk_full: return {ServiceError::disk_full, reply.sentence, {}};
    case CommandStatus::unavailable:
    case CommandStatus::elsewhere:
      return {writers_.stopping() ? ServiceError::stopping : ServiceError::unavailable, reply.sentence, {}};
  }
  const Verdict verdict = reply.answer.verdict;
  switch (verdict) {
    case Verdict::accepted:
    case Verdict::remembered: return {ServiceError::none, {}, verdict};
    case Verdict::too_late: return {ServiceError::too_late, reply.answer.sentence, verdict};
    case Verdict::refused: return {ServiceError::refused, reply.answer.sentence, verdict};
  }
  return {ServiceError::refused, reply.answer.sentence, verdict};
}

// A result is checked against the step that the command will be about, and the command is then told which
// that is: by the time it is obeyed, another might be meant. Empty when it fits.
std::string Service::pin_result(const SagaRow& row, CommandEvent& command, const Json& result) {
  const auto plan = plans_.find(row.plan_id);
  const auto stored = find_saga(row.id);
  if (plan == plans_.end() || !stored.ok()) return {};  // refused by the engine, which says why
  FoldedSaga folded;
  folded.saga.id = row.id;
  for (const JournalRow& one : stored.value.journal) fold_row(folded, one.seq, one.at, one.body);
  if (!folded.error.empty()) return {};
  const auto leg = leg_meant(folded.saga, *plan->second, command, clock_.wall());
  if (!leg) return {};
  const Step& step = plan->second->step(leg->step);
  if (leg->direction == Direction::undo) return "'" + step.undo->name + "' is an undo, which has no result";
  command.step = step.name;
  return catalog_.check_result(*plan->second, leg->step, result);
}

void Service::command(const CommandRequest& request, CommandCallback done) {
  auto call = check_command(request);
  if (!call.ok()) return done({call.error, std::move(call.sentence), {}});
  const auto row = find_row(request.saga);
  if (!row.ok()) return done({row.error, row.sentence, {}});
  if (!row.value.active)
    return done({ServiceError::already_over, "the saga is over: " + row.value.state, {}});
  if (request.result)
    if (std::string wrong = pin_result(row.value, call.value.command, *request.result); !wrong.empty())
      return done({ServiceError::invalid, std::move(wrong), {}});
  const SagaId id = SagaId::make(clock_.wall(), request.saga.shard(), entropy_.draw());
  call.value.command.command_id = id.text();
  std::optional<CommandRow> row_elsewhere;
  if (elsewhere_) row_elsewhere = command_row(id, call.value, clock_.wall());
  writers_.command(std::move(call.value), [this, row_elsewhere = std::move(row_elsewhere),
                                           done = std::move(done)](const CommandReply& reply) {
    if (reply.status == CommandStatus::elsewhere && row_elsewhere)
      return elsewhere_->post(*row_elsewhere, done);
    done(obeyed(reply));
  });
}

void Service::wait(const SagaId& saga, Elapsed until, WaitCallback done) {
  writers_.wait(saga, until, [this, saga, until, done = std::move(done)](WaitOutcome outcome) {
    if (outcome == WaitOutcome::elsewhere && elsewhere_) return elsewhere_->wait(saga, until, done);
    done(outcome);
  });
}

}  // namespace amends::engine
