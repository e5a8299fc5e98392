#include "tests/simulation/judge/witness.hpp"

#include <algorithm>

namespace amends::simulation {

using namespace engine;

void Witness::knows(PlanPtr plan) {
  const std::string id = plan->id();
  plans_.emplace(id, PlanFacts(std::move(plan)));
}

const Story* Witness::find(const SagaId& saga) const {
  const auto found = stories_.find(saga);
  return found == stories_.end() ? nullptr : &found->second;
}

std::string Witness::owner_of(ShardId shard) const {
  const auto found = owners_.find(shard);
  return found == owners_.end() ? std::string() : found->second;
}

void Witness::broken(const SagaId& saga, const std::string& sentence) {
  setting_.broken("saga " + saga.text() + ": " + sentence);
}

// ---- who owns what ---------------------------------------------------------------------------------------

void Witness::began(const std::string& engine, std::uint64_t epoch, std::uint64_t commit_seq) {
  Incarnation& known = incarnations_[engine];
  if (epoch <= known.epoch) setting_.broken("'" + engine + "' began with an epoch that was used before");
  if (commit_seq != known.commit_seq)
    setting_.broken("'" + engine + "' was told that " + std::to_string(commit_seq) +
                    " flushes are durable, and there are " + std::to_string(known.commit_seq));
  known.epoch = epoch;
  // Alone, one that comes takes everything.
  if (setting_.options.shards == 1) owners_[0] = engine;
  happened(engine, epoch, "begin");
}

void Witness::owned(ShardId shard, const std::string& engine) {
  std::string& owner = owners_[shard];
  if (owner == engine) return;
  const bool given = given_.erase(shard) > 0;
  if (!owner.empty() && !given) {
    setting_.coverage.saw(Seen::taken_over);
    if (setting_.evidence)
      engines_.push_back({setting_.queue.wall(), owner, incarnations_[owner].epoch, "dropped", {shard}});
  }
  owner = engine;
  if (setting_.evidence && !engine.empty())
    engines_.push_back({setting_.queue.wall(), engine, incarnations_[engine].epoch, "gained", {shard}});
}

void Witness::gives_up(const std::string& engine, const std::vector<ShardId>& shards) {
  for (const ShardId shard : shards)
    if (owner_of(shard) == engine) given_.insert(shard);
  setting_.coverage.saw(Seen::given_away, shards.size());
}

void Witness::happened(const std::string& engine, std::uint64_t epoch, const char* event) {
  if (setting_.evidence)
    engines_.push_back(
        {setting_.queue.wall(), engine, epoch ? epoch : incarnations_[engine].epoch, event, {}});
}

// ---- rows ------------------------------------------------------------------------------------------------

void Witness::written(const std::string& engine, std::uint64_t epoch, const Batch& batch,
                      const std::vector<KeyTaken>& taken) {
  Incarnation& writer = incarnations_[engine];
  if (writer.epoch != epoch)
    setting_.broken("'" + engine + "' wrote in epoch " + std::to_string(epoch) + ", after it had ended");
  const std::uint64_t commit = ++writer.commit_seq;
  std::set<SagaId> left_out;
  for (const KeyTaken& one : taken) left_out.insert(batch.starts[one.start].row.id);
  for (const NewSaga& fresh : batch.starts) {
    if (left_out.contains(fresh.row.id)) continue;
    Story& story = stories_[fresh.row.id];
    story.folded.saga.id = fresh.row.id;
    story.row = fresh.row;
  }
  for (const JournalRow& one : batch.journal)
    if (!left_out.contains(one.saga)) row({engine, epoch, commit}, one);
  for (const SagaRow& one : batch.updates)
    if (!left_out.contains(one.id)) update(one);
  for (const CommandDone& one : batch.answered) done(one);
}

void Witness::row(const WrittenBy& by, const JournalRow& row) {
  const auto& [engine, epoch, commit] = by;
  if (setting_.evidence)
    journal_.push_back({row.saga, row.seq, engine, epoch, commit, row.at, setting_.queue.wall(), row.body});
  const auto found = stories_.find(row.saga);
  if (found == stories_.end()) return broken(row.saga, "it has a journal, and was never started");
  Story& story = found->second;
  if (owner_of(row.saga.shard()) != engine)
    broken(row.saga, "'" + engine + "' wrote it, and does not own it");
  if (!story.writer.empty() && story.writer != engine && !std::exchange(story.moved, true))
    setting_.coverage.saw(Seen::moved);
  story.writer = engine;
  story.epoch = epoch;
  if (std::exchange(story.sleeps, false)) setting_.coverage.saw(Seen::slept);
  if (row.seq != story.saga().seq + 1)
    return broken(row.saga,
                  "row " + std::to_string(row.seq) + " follows row " + std::to_string(story.saga().seq));
  const DecodedRow decoded = decode_row(row.body);
  if (!decoded.error.empty()) return broken(row.saga, "a row cannot be read: " + decoded.error);
  setting_.queue.note(std::string_view(row.body));
  if (setting_.queue.tracing())
    setting_.queue.say(row.saga.text().substr(24) + " " + engine + " row " + std::to_string(row.seq) + " " +
                       row.body);
  for (const Entry& one : decoded.entries) entry(story, one, engine + "/" + std::to_string(epoch), row.at);
  story.folded.saga.seq = row.seq;
  story.folded.saga.updated_at = row.at;
  const SagaState state = story.saga().state;
  is_terminal(state) ? void(open_.erase(row.saga)) : void(open_.insert(row.saga));
  state == SagaState::needs_operator ? void(parked_.insert(row.saga)) : void(parked_.erase(row.saga));
}

namespace {

void cover(Coverage& coverage, const Entry& entry) {
  if (const auto* saga = std::get_if<SagaEntry>(&entry)) switch (saga->to) {
      case SagaState::completed: return coverage.saw(Seen::completed);
      case SagaState::compensated: return coverage.saw(Seen::compensated);
      case SagaState::abandoned: return coverage.saw(Seen::abandoned);
      case SagaState::needs_operator: return coverage.saw(Seen::parked);
      case SagaState::running:
      case SagaState::compensating: return;
    }
  if (std::holds_alternative<LateEntry>(entry)) coverage.saw(Seen::late_reply);
  if (const auto* outcome = std::get_if<OutcomeEntry>(&entry)) {
    if (outcome->to == StepState::undo_empty) coverage.saw(Seen::undo_empty);
    if (outcome->error_class == "expired") coverage.saw(Seen::expired);
    if (outcome->error_class == "reply_unfit") coverage.saw(Seen::unfit_result);
    if (outcome->error_class == "lease_lost") coverage.saw(Seen::lease_refused);
  }
  const auto* command = std::get_if<CommandEntry>(&entry);
  if (!command) return;
  switch (command->verb) {
    case Verb::cancel:
      return coverage.saw(command->answer == "remembered" ? Seen::cancel_remembered : Seen::cancelled);
    case Verb::retry: return coverage.saw(Seen::retried);
    case Verb::skip: return coverage.saw(Seen::skipped);
    case Verb::resolve: return coverage.saw(Seen::resolved);
    case Verb::abandon: return;
  }
}

}  // namespace

void Witness::entry(Story& story, const Entry& entry, const std::string& incarnation, WallTime) {
  Saga& saga = story.folded.saga;
  if (const auto* started = std::get_if<StartedEntry>(&entry)) {
    const auto plan = plans_.find(started->plan_id);
    if (plan == plans_.end()) return broken(saga.id, "it runs on a plan that nobody has");
    story.plan = &plan->second;
  }
  if (!story.plan) return broken(saga.id, "its journal does not begin with its start");
  if (const std::string why = find_unlawful(saga, *story.plan, entry); !why.empty())
    broken(saga.id, why + " (row " + std::to_string(saga.seq + 1) + ")");
  if (const auto* outcome = std::get_if<OutcomeEntry>(&entry); outcome && outcome->wake_at)
    story.timer_of[{outcome->step, outcome->direction}] = incarnation;
  if (const auto* attempt = std::get_if<AttemptEntry>(&entry))
    if (const auto timer = story.timer_of.extract({attempt->step, attempt->direction});
        !timer.empty() && timer.mapped() != incarnation)
      setting_.coverage.saw(Seen::timer_after_move);
  if (const auto* command = std::get_if<CommandEntry>(&entry)) {
    if (++obeyed_[command->command_id] > 1)
      broken(saga.id, "command " + command->command_id + " was obeyed twice");
    if (command->verb != Verb::cancel && command->verb != Verb::retry) story.touched = true;
  }
  cover(setting_.coverage, entry);
  fold(saga, entry);
}

void Witness::update(const SagaRow& row) {
  const auto found = stories_.find(row.id);
  if (found == stories_.end()) return broken(row.id, "it has a row, and was never started");
  SagaRow& kept = found->second.row;
  if (row.error_class == "definition_missing") setting_.coverage.saw(Seen::definition_missing);
  kept.state = row.state;
  kept.step = row.step;
  kept.error_class = row.error_class;
  kept.seq = row.seq;
  kept.active = row.active;
  kept.wake_at = row.wake_at;
  const Millis cold(setting_.options.cold_ms);
  found->second.sleeps = row.active && row.wake_at && *row.wake_at > row.updated_at + 2 * cold;
}

void Witness::retired(const std::vector<SagaId>& sagas) {
  for (const SagaId& id : sagas) {
    const auto found = stories_.find(id);
    if (found == stories_.end()) continue;
    if (is_terminal(found->second.saga().state))
      found->second.retired = true;
    else
      broken(id, "it left the store, and was not over");
  }
}

}  // namespace amends::simulation
