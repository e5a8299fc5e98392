// Shards that come and go, and what came for them through the store.
#include <algorithm>
#include <set>

#include "engine/base/buggify.hpp"
#include "engine/base/check.hpp"
#include "engine/runtime/shard.hpp"

namespace amends::engine {

void Shard::gained(const std::vector<ShardId>& shards) {
  for (const ShardId shard : shards) {
    AMENDS_CHECK(tenures_.of(shard) == Tenure::none, "a shard was gained twice");
    tenures_.set(shard, Tenure::loading);
  }
}

void Shard::loaded(ShardId shard, Now now) {
  if (tenures_.of(shard) != Tenure::loading) return;  // it is to be given away again, or we were fenced
  tenures_.set(shard, Tenure::ours).since = now.elapsed;
}

void Shard::leave(const std::vector<ShardId>& shards, Now now) {
  for (const ShardId shard : shards) {
    const Tenure tenure = tenures_.of(shard);
    if (tenure == Tenure::none || tenure == Tenure::leaving) continue;
    tenures_.set(shard, Tenure::leaving).until =
        now.elapsed + (AMENDS_BUGGIFY("leave at once") ? Millis(0) : options_.leave_max);
  }
}

std::vector<ShardId> Shard::drained(Now now) const {
  std::vector<ShardId> out;
  if (!tenures_.leaving()) return out;
  std::set<ShardId> writing;
  const auto note = [&writing](const SagaId& saga) { writing.insert(saga.shard()); };
  for (const Live* live : listed_) note(live->saga.id);
  for (const SagaRow& row : aside_rows_) note(row.id);
  for (const CommandReply& reply : owed_) note(*reply.posted);
  for (const CommandDone& done : invalid_) note(done.command);
  for (const Answered& answer : expired_) note(answer.saga);
  const auto note_flush = [&note](const Flush& flush) {
    for (const FlushItem& item : flush.items) {
      note(item.saga);
      for (const CommandDone& done : item.done) note(done.command);
    }
  };
  if (flight_) note_flush(*flight_);
  for (const Flush& flush : retry_) note_flush(flush);
  for (const ShardId shard : tenures_.all_of(Tenure::leaving)) {
    const Tenures::Tenancy& tenancy = tenures_.at(shard);
    if (now.elapsed >= tenancy.until || (tenancy.sent == 0 && !writing.contains(shard))) out.push_back(shard);
  }
  return out;
}

void Shard::drop(const std::vector<ShardId>& shards) {
  const std::string sentence = "the saga goes on in another engine";
  const auto gone = [&shards](const SagaId& saga) {
    return std::find(shards.begin(), shards.end(), saga.shard()) != shards.end();
  };
  fail_callers_of(gone, sentence);
  for (Flush& flush : retry_) {
    Flush dropped;
    std::vector<bool> kept;
    for (const FlushItem& item : flush.items) kept.push_back(!gone(item.saga));
    for (std::size_t i = 0; i < kept.size(); ++i)
      if (!kept[i]) dropped.items.push_back(flush.items[i]);
    fail_flush(dropped, sentence);
    flush = select(std::move(flush), [&kept](std::size_t i) { return kept[i]; });
  }
  std::erase_if(retry_, [](const Flush& flush) { return flush.empty(); });
  for (CommandReply& answer : std::exchange(owed_, {}))
    gone(*answer.posted) ? fail_command(std::move(answer), sentence) : owed_.push_back(std::move(answer));
  std::erase_if(listed_, [&](const Live* live) { return gone(live->saga.id); });
  send_away(gone);
  std::erase_if(aside_, [&](const auto& one) { return gone(one.first); });
  std::erase_if(aside_rows_, [&](const SagaRow& row) { return gone(row.id); });
  std::erase_if(reloading_, gone);
  std::erase_if(invalid_, [&](const CommandDone& done) { return gone(done.command); });
  std::erase_if(expired_, [&](const Answered& answer) { return gone(answer.saga); });
  std::erase_if(outputs_.prepares, [&](const PrepareJob& job) { return gone(job.saga); });
  std::erase_if(outputs_.attempts, [&](const Attempt& attempt) { return gone(attempt.saga); });
  std::erase_if(outputs_.reloads, gone);
  for (const ShardId shard : shards) tenures_.set(shard, Tenure::none);
}

void Shard::fence() {
  if (flight_ || phase_ != Phase::working) return;
  fail_callers("another engine has taken over what this one owned");
  drop_everything();
  phase_ = Phase::fenced;
}

// Those whose rows no flush has taken yet.
void Shard::fail_callers_of(const std::function<bool(const SagaId&)>& whose, std::string_view sentence) {
  for (Live* live : listed_) {
    if (!whose(live->saga.id)) continue;
    if (live->starting)
      answer_start(live->starting->token, StartStatus::unavailable, live->saga.id, std::string(sentence));
    if (!live->pending) continue;
    for (CommandReply& answer : std::exchange(live->pending->answers, {}))
      fail_command(std::move(answer), sentence);
  }
}

void Shard::fail_flush(Flush& flush, std::string_view sentence) {
  for (FlushItem& item : flush.items) {
    if (item.starts()) answer_start(item.token, StartStatus::unavailable, item.saga, std::string(sentence));
    for (CommandReply& answer : std::exchange(item.answers, {})) fail_command(std::move(answer), sentence);
  }
}

// ---- what came through the store -------------------------------------------------------------------------

CommandDone Shard::done_of(const CommandReply& reply) {
  switch (reply.status) {
    case CommandStatus::answered:
      return {*reply.posted, std::string(name_of(reply.answer.verdict)), reply.answer.sentence};
    case CommandStatus::not_live: return {*reply.posted, "already_over", reply.sentence};
    case CommandStatus::definition_missing: return {*reply.posted, "refused", reply.sentence};
    case CommandStatus::unavailable:
    case CommandStatus::disk_full:
    case CommandStatus::elsewhere: break;
  }
  AMENDS_CHECK(false, "what was not decided is not answered in the store");
  return {};
}

// A decision that no journal row carries. In the store it is answered by the next flush all the same.
void Shard::settle(CommandReply reply) {
  auto& where = reply.posted ? owed_ : outputs_.commands;
  where.push_back(std::move(reply));
}

void Shard::put_owed(Flush& into) {
  const auto put = [&into](const SagaId& command, CommandDone done) -> FlushItem& {
    FlushItem item;
    item.saga = command;  // it is in the saga's shard
    into.batch.answered.push_back(done);
    item.done.push_back(std::move(done));
    into.items.push_back(std::move(item));
    return into.items.back();
  };
  for (CommandReply& reply : std::exchange(owed_, {})) {
    FlushItem& item = put(*reply.posted, done_of(reply));
    item.answers.push_back(std::move(reply));
  }
  for (CommandDone& done : std::exchange(invalid_, {})) {
    const SagaId command = done.command;
    put(command, std::move(done));
  }
}

// The items whose shards have been dropped while the flush was in flight are no longer ours to write.
Flush Shard::without_strangers(Flush flush) {
  const auto stays = [this](const FlushItem& item) { return tenures_.of(item.saga.shard()) != Tenure::none; };
  if (!options_.shared || std::all_of(flush.items.begin(), flush.items.end(), stays)) return flush;
  std::vector<bool> kept;
  Flush dropped;
  for (const FlushItem& item : flush.items) {
    kept.push_back(stays(item));
    if (!kept.back()) dropped.items.push_back(item);
  }
  fail_flush(dropped, "the saga goes on in another engine");
  return select(std::move(flush), [&kept](std::size_t i) { return kept[i]; });
}

}  // namespace amends::engine
