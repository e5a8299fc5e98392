// What a shard takes in: which starts and commands, and why not the others.
#include "engine/base/buggify.hpp"
#include "engine/runtime/shard.hpp"

namespace amends::engine {

std::string Shard::coming_back() const {
  return down_sentence_.empty() ? "the engine is coming back from its store" : down_sentence_;
}

std::string Shard::why_no_starts() const {
  const auto refused = refusal(StartCall{});
  return refused ? refused->sentence : std::string();
}

// Why a start cannot be taken now; nothing when it can.
std::optional<StartReply> Shard::refusal(const StartCall& call) const {
  StartReply reply;
  if (phase_ != Phase::working) {
    reply.sentence = "the engine is not ready for starts: " + coming_back();
    return reply;
  }
  if (tenures_.ours().empty()) {
    reply.sentence = "the engine is not ready for starts: it owns no shard yet, other engines have them all";
    if (!tenures_.all_of(Tenure::loading).empty())
      reply.sentence = "the engine is not ready for starts: its first shard is being read back";
    return reply;
  }
  if (call.posted && (!call.saga || !may_decide(call.saga->shard(), *call.posted) ||
                      (call.invalid.empty() && is_live(*call.saga)))) {
    reply.sentence = "the start is decided by whoever owns its shard now";
    return reply;
  }
  if (!resting_class_.empty()) {
    if (resting_class_ == "disk_full") reply.status = StartStatus::disk_full;
    reply.sentence = resting_sentence_;
    return reply;
  }
  if (live_.size() >= options_.live_max || AMENDS_BUGGIFY("refuse a start")) {
    reply.sentence = "too many sagas are under way";
    return reply;
  }
  return std::nullopt;
}

// A row that was read before its shard was ours may have been decided since.
bool Shard::may_decide(ShardId shard, const Posted& posted) const {
  return tenures_.of(shard) == Tenure::ours && posted.read_at >= tenures_.at(shard).since;
}

ShardId Shard::draw_shard(std::optional<std::uint64_t> draw) {
  const std::vector<ShardId>& ours = tenures_.ours();
  return ours.size() == 1 ? ours.front() : ours[draw.value_or(entropy_.draw()) % ours.size()];
}

// Why a command cannot be taken now; nothing when it can.
std::optional<CommandReply> Shard::refusal(const CommandCall& call) const {
  CommandReply reply{call.token, CommandStatus::unavailable, {}, {}};
  const Tenure tenure = tenures_.of(call.saga.shard());
  if (phase_ != Phase::working) {
    reply.sentence = coming_back();
  } else if (tenure == Tenure::none || tenure == Tenure::leaving) {
    reply.status = CommandStatus::elsewhere;
    reply.sentence = "the saga is in the hands of another engine";
  } else if (tenure == Tenure::loading) {
    reply.sentence = "the saga's shard is being read back";
  } else if (call.posted && !may_decide(call.saga.shard(), *call.posted)) {
    reply.sentence = "the command may have been decided by the shard's last owner";
  } else if (!resting_class_.empty()) {
    if (resting_class_ == "disk_full") reply.status = CommandStatus::disk_full;
    reply.sentence = resting_sentence_ + ": the command was not taken";
  } else if (reloading_.contains(call.saga) || AMENDS_BUGGIFY("refuse a command")) {
    reply.sentence = "the saga is being parked; ask again";
  } else {
    return std::nullopt;
  }
  return reply;
}

}  // namespace amends::engine
