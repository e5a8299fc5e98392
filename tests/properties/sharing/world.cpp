#include "tests/properties/sharing/world.hpp"

#include "engine/journal/saga.hpp"
#include "tests/properties/plans.hpp"

namespace amends::properties {

using namespace engine;

namespace {

constexpr ShardId shards = 5;

std::shared_ptr<memory::Tables> make_tables() {
  return std::make_shared<memory::Tables>(shards);
}

}  // namespace

World::World(Tape& tape) : tape_(tape), outside_(tables = make_tables(), Millis(-1)) {
  outside_.take_over("outside", now.wall);  // it is never alive, and owns nothing
  plan = draw_plan(tape);
  if (tape.one_in(2)) cold_after = Millis(80);  // then most that back off leave memory
  for (const char* name : {"a", "b", "c"}) members_.emplace_back(name, static_cast<Surroundings&>(*this));
  for (Member& member : members_) member.join();
}

void World::run() {
  while (!tape_.over()) trouble();
  heal();
  hold_end();
}

// ---- what happens ----------------------------------------------------------------------------------------

void World::trouble() {
  static constexpr int passes_ms[] = {0, 0, 0, 1, 5, 20, 90, 260};
  pass(Millis(passes_ms[tape_.pick(8)]));
  const std::uint32_t which = tape_.pick(3);
  Member& member = members_[which];
  const std::uint32_t kind = tape_.pick(40);
  if (kind == 39) return accident(member);
  if (kind == 38) return post();
  if (kind == 37) {  // stopped, or resumed
    if (!stopped_.erase(which)) stopped_.insert(which);
    return;
  }
  if (!member.is_up()) return tape_.one_in(8) ? member.join() : void();
  if (stopped_.contains(which)) return;
  if (kind < 4) return call(member);
  step(member);
}

void World::step(Member& member) {
  switch (tape_.pick(8)) {
    case 0:
      for (std::uint32_t steps = 1 + tape_.pick(6); steps > 0; --steps) member.work();
      return;
    case 1:
      for (std::uint32_t rounds = 1 + tape_.pick(6); rounds > 0; --rounds) {
        member.turn();
        member.work();
      }
      return;
    case 2:
    case 3: return member.turn();
    case 4:
      if (member.preparing() > 0) member.prepare(tape_.pick(static_cast<std::uint32_t>(member.preparing())));
      return;
    case 5:
      if (member.under_way() > 0)
        member.answer(tape_.pick(static_cast<std::uint32_t>(member.under_way())), reply_of(false));
      return;
    case 6: return member.look_for_commands();
    case 7: return member.take_commands();
  }
}

void World::call(Member& member) {
  ++token_;
  if (tape_.one_in(3) && !created_.empty()) {
    CommandEvent cancel;
    cancel.command_id = commands_[token_] = "c" + std::to_string(token_);
    cancel.verb = Verb::cancel;
    cancel.actor = "ann";
    cancel.reason = "because";
    return member.command(token_, any_saga(), std::move(cancel));
  }
  const std::string key = tape_.one_in(2) ? "" : "key-" + std::to_string(tape_.pick(6));
  keys_[token_] = key;
  member.start(token_, key);
}

void World::accident(Member& member) {
  switch (tape_.pick(7)) {
    case 0:
      // What the store was given may still arrive.
      if (member.is_up() && tape_.one_in(2)) member.work();
      return member.crash();
    case 1: return member.is_up() ? member.stop() : void();
    case 2: return tables->answer_commit(1 + tape_.pick(3), memory::Answer::unknown_landed);
    case 3: return tables->answer_commit(1 + tape_.pick(3), memory::Answer::unknown_lost);
    case 4: return tables->answer_commit(1 + tape_.pick(3), memory::Answer::fenced);
    case 5: return tables->answer_commit(1 + tape_.pick(3), memory::Answer::disk_full);
    case 6: return tables->fail_take_overs(1);
  }
}

void World::post() {
  ++posted_;
  const bool starts = created_.empty() || tape_.one_in(2);
  const ShardId shard = static_cast<ShardId>(tape_.pick(shards));
  const SagaId saga = starts ? SagaId::make(now.wall, shard, 0x5eed0000 + posted_) : any_saga();
  if (starts) posted_starts_.push_back(saga);
  const SagaId id = SagaId::make(now.wall, saga.shard(), 0xc0de0000 + posted_);
  outside_.post_command({id, starts ? "start" : "cancel", saga, now.wall, ""});
}

void World::pass(Millis time) {
  now.wall += time;
  now.elapsed += time;
}

Reply World::reply_of(bool healthy) {
  Reply reply;
  switch (healthy ? 0 : tape_.pick(6)) {
    case 0:
    case 1:
    case 2:
      reply.outcome = Outcome::done;
      reply.result = R"({"id":7})";
      return reply;
    case 3: reply.outcome = Outcome::unknown; break;
    case 4: reply.outcome = Outcome::transient; break;
    case 5: reply.outcome = Outcome::rejected; break;
  }
  reply.error_class = "test";
  return reply;
}

SagaId World::any_saga() {
  auto it = created_.begin();
  std::advance(it, tape_.pick(static_cast<std::uint32_t>(created_.size())));
  return *it;
}

// ---- what must hold at every moment ----------------------------------------------------------------------

std::string World::owner_of(ShardId shard) {
  return outside_.shards()[shard].engine_id;
}

void World::sent(const std::string& member, const Attempt& attempt) {
  if (owner_of(attempt.saga.shard()) != member)
    throw Broken("an attempt left an engine that does not own its saga");
  if (!sent_.emplace(attempt.key, attempt.number).second)
    throw Broken("attempt " + std::to_string(attempt.number) + " of " + attempt.key + " left twice");
  const auto journal = outside_.read_journal(attempt.saga, 0, 10'000);
  FoldedSaga folded;
  folded.saga.id = attempt.saga;
  for (const JournalRow& row : journal) fold_row(folded, row.seq, row.at, row.body);
  if (!folded.error.empty() || journal.empty())
    throw Broken("an attempt left whose saga cannot be read: " + folded.error);
  const StepProgress& progress = folded.saga.steps[attempt.step];
  if (progress.leg(attempt.direction).attempts < attempt.number)
    throw Broken("an attempt left before its intent was durable");
  if (attempt.direction == Direction::undo) return;
  for (const StepIndex before : plan->step(attempt.step).after)
    if (folded.saga.steps[before].state == StepState::pending || folded.saga.steps[before].run.in_flight)
      throw Broken("an attempt left before the step that it comes after was done");
}

void World::written(const std::string& member, const Batch& batch) {
  const auto hold = [&](const SagaId& saga) {
    if (owner_of(saga.shard()) != member)
      throw Broken("a saga was written by an engine that does not own it");
    const auto [last, fresh] = writer_.emplace(saga, member);
    if (!fresh && last->second != member) moved_.insert(saga);
    last->second = member;
  };
  for (const JournalRow& row : batch.journal) hold(row.saga);
  for (const SagaRow& row : batch.updates) hold(row.id);
  for (const NewSaga& fresh : batch.starts) hold(fresh.row.id);
  for (const CommandDone& done : batch.answered) hold(done.command);
}

void World::started(const StartReply& reply) {
  if (reply.status != StartStatus::created && reply.status != StartStatus::same) return;
  if (!outside_.find_saga(reply.saga)) throw Broken("a start was acknowledged that is not there");
  created_.insert(reply.saga);
  const std::string& key = keys_[reply.token];
  if (key.empty()) return;
  const auto [known, fresh] = acknowledged_.emplace(key, reply.saga);
  if (!fresh && known->second != reply.saga) throw Broken("two sagas were acknowledged for one key");
}

void World::answered(const CommandReply& reply) {
  if (reply.status == CommandStatus::answered && reply.answer.verdict == engine::Verdict::accepted)
    accepted_.insert(reply.posted ? reply.posted->text() : commands_[reply.token]);
}

std::vector<SagaRow> World::rows() {
  return outside_.list({}, {}, 100'000).rows;
}

}  // namespace amends::properties
