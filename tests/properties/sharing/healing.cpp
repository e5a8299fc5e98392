// How it ends: every engine runs, every participant answers, and every saga comes to its end.
#include <algorithm>

#include "engine/journal/saga.hpp"
#include "engine/runtime/offers.hpp"
#include "tests/properties/sharing/world.hpp"

namespace amends::properties {

using namespace engine;

void World::heal() {
  stopped_.clear();
  for (int rounds = 4'000; !is_over(); --rounds) {
    if (rounds == 0)
      throw Broken("not everything comes to its end, though everything is healthy" + what_is_left());
    pass(Millis(20));
    for (Member& member : members_) {
      if (!member.is_up()) member.join();
      if (!member.is_up()) continue;
      member.turn();
      while (member.may_work()) {
        member.work();
        member.turn();
      }
      if (!member.is_up()) continue;  // it has left
      while (member.preparing() > 0) member.prepare(0);
      while (member.under_way() > 0) member.answer(0, reply_of(true));
      member.look_for_commands();
      member.take_commands();
      ask_operator(member);
    }
  }
}

std::string World::what_is_left() {
  std::string out;
  for (const SagaRow& row : rows()) {
    if (!row.active) continue;
    out += "\n" + row.id.text() + ", " + row.state + ", of '" + owner_of(row.id.shard()) + "'";
    for (const JournalRow& entry : outside_.read_journal(row.id, 0, 100'000))
      out += "\n  " + std::to_string(entry.epoch) + " " + entry.body;
  }
  for (const CommandRow& row : undecided())
    out += "\n" + row.kind + " for " + row.saga.text() + ", undecided by '" + owner_of(row.id.shard()) + "'";
  return out;
}

std::vector<CommandRow> World::undecided() {
  std::vector<ShardId> all;
  for (const ShardRow& shard : outside_.shards()) all.push_back(shard.shard);
  return outside_.read_commands(all, {}, 1'000);
}

bool World::is_over() {
  for (const SagaRow& row : rows())
    if (row.active) return false;
  return undecided().empty();
}

// Whoever owns a parked saga is told to try again; where that is refused, that nothing has happened.
void World::ask_operator(Member& member) {
  for (const SagaRow& row : rows()) {
    if (row.state != "needs_operator" || owner_of(row.id.shard()) != member.name()) continue;
    FoldedSaga folded;
    folded.saga.id = row.id;
    for (const JournalRow& entry : outside_.read_journal(row.id, 0, 100'000))
      fold_row(folded, entry.seq, entry.at, entry.body);
    const std::vector<Offer> offers = offers_of(folded.saga, *plan, now.wall);
    const auto offer = std::ranges::find_if(offers, [](const Offer& one) {
      return one.verb == Verb::retry || (one.verb == Verb::resolve && !one.happened);
    });
    if (offer == offers.end()) throw Broken("a saga needs an operator, who can do nothing for it");
    CommandEvent mends;
    ++token_;
    mends.command_id = commands_[token_] = "c" + std::to_string(token_);
    mends.verb = offer->verb;
    mends.step = offer->step;
    mends.actor = "ann";
    mends.reason = "mended";
    member.command(token_, row.id, std::move(mends));
  }
}

void World::hold_end() {
  std::map<std::string, int> obeyed;
  std::map<SagaId, int> there;
  for (const SagaRow& row : rows()) {
    ++there[row.id];
    FoldedSaga folded;
    folded.saga.id = row.id;
    std::uint32_t seq = 0;
    for (const JournalRow& entry : outside_.read_journal(row.id, 0, 100'000)) {
      if (entry.seq != ++seq) throw Broken("a journal has a gap");
      fold_row(folded, entry.seq, entry.at, entry.body);
      for (const Entry& one : decode_row(entry.body).entries)
        if (const auto* command = std::get_if<CommandEntry>(&one)) ++obeyed[command->command_id];
    }
    if (!folded.error.empty()) throw Broken("a journal cannot be read: " + folded.error);
    if (name_of(folded.saga.state) != row.state)
      throw Broken("a saga's row does not say what its journal says");
  }
  for (const auto& [id, times] : obeyed)
    if (times > 1) throw Broken("a command was obeyed twice");
  for (const std::string& id : accepted_)
    if (!obeyed.contains(id)) throw Broken("a command was acknowledged that is in no journal");
  for (const SagaId& saga : created_)
    if (!there.contains(saga)) throw Broken("a start was acknowledged that is not there");
  for (const SagaId& saga : posted_starts_)
    if (!there.contains(saga)) throw Broken("a start that came through the store is not there");
  finished_ = there.size();
}

}  // namespace amends::properties
