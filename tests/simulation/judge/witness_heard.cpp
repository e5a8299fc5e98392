// What leaves an engine, and what callers are told.
#include <functional>

#include "tests/simulation/judge/witness.hpp"

namespace amends::simulation {

using namespace engine;

void Witness::sent(const std::string& engine, const Attempt& attempt) {
  const Story* story = find(attempt.saga);
  if (!story) return broken(attempt.saga, "an attempt leaves of a saga that is not there");
  if (owner_of(attempt.saga.shard()) != engine)
    broken(attempt.saga, "an attempt leaves '" + engine + "', which does not own it");
  // Alone, an engine that takes its own store anew hands nothing over.
  if (attempt.epoch != incarnations_[engine].epoch && setting_.options.shards > 1)
    broken(attempt.saga, "an attempt leaves in an epoch that is over");
  const Saga& saga = story->saga();
  if (attempt.step >= saga.steps.size()) return broken(attempt.saga, "an attempt is of no step");
  const Leg& leg = saga.steps[attempt.step].leg(attempt.direction);
  if (leg.attempts < attempt.number) broken(attempt.saga, "an attempt leaves before its intent is durable");
  if (!leg.request || *leg.request != *attempt.request)
    broken(attempt.saga, "an attempt leaves with another request than its journal holds");
  const std::size_t body = std::hash<std::string>{}(attempt.request->body);
  SentKey& known = sent_[attempt.key];
  if (known.numbers.empty()) known.body = body;
  if (known.body != body) broken(attempt.saga, "the key " + attempt.key + " has two bodies");
  // One that waited for its turn may leave after a later one: only where nobody else could have sent it.
  for (const std::uint32_t number : known.numbers)
    if (number == attempt.number || (number > attempt.number && setting_.options.shards > 1))
      broken(attempt.saga,
             "attempt " + std::to_string(attempt.number) + " of " + attempt.key + " leaves twice, or late");
  known.numbers.push_back(attempt.number);
}

// An answer may not say more than what is in the tables when it is given.
void Witness::started(const std::string& key, const std::string& body_hash, const StartReply& reply) {
  switch (reply.status) {
    case StartStatus::created:
    case StartStatus::same: break;
    case StartStatus::key_conflict: return setting_.coverage.saw(Seen::key_conflict);
    case StartStatus::invalid:
      return setting_.broken("a start was called invalid that is not: " + reply.sentence);
    case StartStatus::unavailable: return setting_.coverage.saw(Seen::start_in_doubt);
    case StartStatus::disk_full: return;
  }
  if (!find(reply.saga)) return broken(reply.saga, "a start was acknowledged that is not in the tables");
  acknowledged_.insert(reply.saga);
  if (reply.status == StartStatus::same) setting_.coverage.saw(Seen::key_again);
  if (key.empty()) return;
  const auto [known, fresh] = keys_.try_emplace(key, reply.saga, body_hash);
  if (fresh) return;
  if (known->second.first != reply.saga)
    broken(reply.saga, "the key '" + key + "' was acknowledged for two sagas");
  if (known->second.second != body_hash)
    broken(reply.saga, "the key '" + key + "' was acknowledged for two bodies");
}

void Witness::commanded(const std::string& command, const CommandAnswer& answer) {
  switch (answer.verdict) {
    case Verdict::accepted:
    case Verdict::remembered:
      if (!obeyed_.contains(command))
        setting_.broken("command " + command + " was accepted, and is in no journal");
      return;
    case Verdict::too_late: setting_.coverage.saw(Seen::cancel_too_late); [[fallthrough]];
    case Verdict::refused:
      if (obeyed_.contains(command)) setting_.broken("command " + command + " was refused, and obeyed");
      return;
  }
}

void Witness::done(const CommandDone& done) {
  const bool accepted = done.verdict == "accepted" || done.verdict == "remembered";
  if (find(done.command)) return;
  if (accepted && obeyed_.contains(done.command.text())) setting_.coverage.saw(Seen::posted_command);
}

}  // namespace amends::simulation
