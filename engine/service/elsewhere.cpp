#include "engine/service/elsewhere.hpp"

#include <algorithm>
#include <map>

#include "engine/base/json.hpp"

namespace amends::engine {
namespace {

constexpr Millis patience{10'000};
constexpr Millis look_for_commands{20}, look_for_waits{100};

Answer<Verdict> answer_of(const CommandDone& done) {
  for (const Verdict verdict : {Verdict::accepted, Verdict::remembered})
    if (done.verdict == name_of(verdict)) return {ServiceError::none, {}, verdict};
  if (done.verdict == name_of(Verdict::too_late))
    return {ServiceError::too_late, done.sentence, Verdict::too_late};
  if (done.verdict == "already_over") return {ServiceError::already_over, done.sentence, {}};
  if (done.verdict == "invalid") return {ServiceError::invalid, done.sentence, {}};
  return {ServiceError::refused, done.sentence, Verdict::refused};
}

bool is_at_rest(const SagaRow& row) {
  return !row.active || row.state == name_of(SagaState::needs_operator);
}

}  // namespace

CommandRow command_row(const SagaId& id, const CommandCall& call, WallTime at) {
  const CommandEvent& command = call.command;
  Json body{{"actor", command.actor}, {"reason", command.reason}};
  if (!command.step.empty()) body["step"] = command.step;
  if (command.happened) body["happened"] = true;
  if (command.result) body["result"] = *command.result;
  return {id, std::string(name_of(command.verb)), call.saga, at, canonical(body)};
}

Elsewhere::Elsewhere(SharedStore& store, Clock& clock)
    : store_(store), clock_(clock), thread_([this] { run(); }) {}

Elsewhere::~Elsewhere() {
  stop();
}

void Elsewhere::post(CommandRow row, CommandCallback done) {
  {
    std::lock_guard lock(mutex_);
    if (!stopping_) {
      new_commands_.push_back({std::move(row), std::move(done), false, clock_.elapsed() + patience});
      wake_.notify_one();
      return;
    }
  }
  done({ServiceError::stopping, "the engine is stopping", {}});
}

void Elsewhere::wait(const SagaId& saga, Elapsed until, WaitCallback done) {
  {
    std::lock_guard lock(mutex_);
    if (!stopping_) {
      new_waits_.push_back({saga, until, std::move(done)});
      wake_.notify_one();
      return;
    }
  }
  done(WaitOutcome::stopping);
}

void Elsewhere::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

void Elsewhere::run() {
  Elapsed waits_at{};
  while (true) {
    {
      std::unique_lock lock(mutex_);
      const auto some = [this] { return stopping_ || !new_commands_.empty() || !new_waits_.empty(); };
      if (commands_.empty() && waits_.empty())
        wake_.wait(lock, some);
      else
        wake_.wait_for(lock, commands_.empty() ? look_for_waits : look_for_commands, some);
      std::move(new_commands_.begin(), new_commands_.end(), std::back_inserter(commands_));
      std::move(new_waits_.begin(), new_waits_.end(), std::back_inserter(waits_));
      new_commands_.clear();
      new_waits_.clear();
      if (stopping_) break;
    }
    if (!commands_.empty()) tend_commands();
    if (waits_.empty() || clock_.elapsed() < waits_at) continue;
    tend_waits();
    waits_at = clock_.elapsed() + look_for_waits;
  }
  for (const Command& command : commands_) {
    if (command.posted)
      command.done({ServiceError::none, "it is in the store; its owner obeys it", Verdict::remembered});
    else
      command.done({ServiceError::stopping, "the engine is stopping", {}});
  }
  for (const Waiting& waiting : waits_) waiting.done(WaitOutcome::stopping);
}

void Elsewhere::tend_commands() {
  std::vector<std::pair<CommandCallback, Answer<Verdict>>> answers;
  std::erase_if(commands_, [&](Command& command) {
    if (command.posted) return false;
    try {
      store_.post_command(command.row);
      command.posted = true;
      return false;
    } catch (const StoreUnavailable& down) {
      answers.emplace_back(
          std::move(command.done),
          Answer<Verdict>{
              ServiceError::unavailable, "the command may not have been taken: " + down.error, {}});
      return true;
    }
  });
  std::map<SagaId, CommandDone> decided;
  try {
    std::vector<SagaId> ids;
    for (const Command& command : commands_) ids.push_back(command.row.id);
    for (CommandDone& done : store_.find_done(ids)) decided.emplace(done.command, std::move(done));
  } catch (const StoreUnavailable&) {
    // Asked again at once; who waits has a limit.
  }
  const Elapsed now = clock_.elapsed();
  std::erase_if(commands_, [&](Command& command) {
    const auto found = decided.find(command.row.id);
    if (found == decided.end() && now < command.until) return false;
    answers.emplace_back(
        std::move(command.done),
        found != decided.end()
            ? answer_of(found->second)
            : Answer<Verdict>{ServiceError::none, "it is in the store, and its owner will obey it",
                              Verdict::remembered});
    return true;
  });
  for (const auto& [done, answer] : answers) done(answer);
}

void Elsewhere::tend_waits() {
  std::map<SagaId, WaitOutcome> outcomes;
  try {
    std::vector<SagaId> ids;
    for (const Waiting& waiting : waits_) ids.push_back(waiting.saga);
    for (const SagaId& id : ids) outcomes[id] = WaitOutcome::not_live;
    for (const SagaRow& row : store_.find_sagas(ids)) {
      if (is_at_rest(row))
        outcomes[row.id] = WaitOutcome::rested;
      else
        outcomes.erase(row.id);
    }
  } catch (const StoreUnavailable&) {
    outcomes.clear();
  }
  const Elapsed now = clock_.elapsed();
  std::vector<std::pair<WaitCallback, WaitOutcome>> answers;
  std::erase_if(waits_, [&](Waiting& waiting) {
    const auto found = outcomes.find(waiting.saga);
    if (found == outcomes.end() && now < waiting.until) return false;
    answers.emplace_back(std::move(waiting.done),
                         found == outcomes.end() ? WaitOutcome::time_up : found->second);
    return true;
  });
  for (const auto& [done, outcome] : answers) done(outcome);
}

}  // namespace amends::engine
