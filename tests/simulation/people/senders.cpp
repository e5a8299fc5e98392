#include "tests/simulation/people/senders.hpp"

namespace amends::simulation {

using namespace engine;

SagaId Senders::draw_id(ShardId shard) {
  return SagaId::make(setting_.queue.wall(), shard, chance_.draw());
}

void Senders::send(const std::string& who, const CommandRequest& request, Heard heard) {
  EngineProcess* to = chance_.one_in(3) ? fleet_.any(chance_) : fleet_.owner(request.saga.shard(), chance_);
  auto call = check_command(request);
  if (!call.ok()) return setting_.broken("a command was called malformed: " + call.sentence);
  call.value.command.command_id = draw_id(request.saga.shard()).text();
  const std::size_t record = history_.open({.client = who,
                                            .op = "command",
                                            .call_at = setting_.queue.wall(),
                                            .return_at = {},
                                            .status = {},
                                            .key = {},
                                            .body_hash = {},
                                            .saga = request.saga,
                                            .verb = std::string(name_of(request.verb)),
                                            .command = call.value.command.command_id,
                                            .seq = {},
                                            .state = {}});
  if (!to) return;
  const CommandCall copy = call.value;
  to->command(std::move(call.value), [this, copy, record, heard](const CommandReply& reply) {
    const auto close = [&](const char* outcome, std::string status) {
      history_.close(record, setting_.queue.wall(), [&](HistoryRecord& r) {
        r.outcome = outcome;
        r.status = std::move(status);
      });
    };
    switch (reply.status) {
      case CommandStatus::answered: {
        witness_.commanded(copy.command.command_id, reply.answer);
        const bool accepted =
            reply.answer.verdict == Verdict::accepted || reply.answer.verdict == Verdict::remembered;
        close(accepted ? "ok" : "fail", std::string(name_of(reply.answer.verdict)));
        if (heard) heard(accepted, reply.answer.sentence);
        return;
      }
      case CommandStatus::elsewhere: return post(copy, record, heard);
      case CommandStatus::not_live: close("fail", "already_over"); break;
      case CommandStatus::definition_missing: close("fail", "definition_missing"); break;
      case CommandStatus::disk_full:
      case CommandStatus::unavailable: close("info", "unavailable"); break;
    }
    if (heard) heard(false, reply.sentence);
  });
}

// Its id in the store is the command's.
void Senders::post(CommandCall call, std::size_t record, Heard heard) {
  if (!server_.is_shared()) return setting_.broken("a saga is elsewhere, and there is only one engine");
  const SagaId id = *SagaId::parse(call.command.command_id);
  server_.post(command_row(id, call, setting_.queue.wall()));
  await_done(id, record, std::move(heard), 20);
}

void Senders::await_done(const SagaId& command, std::size_t record, Heard heard, int looks_left) {
  setting_.queue.after(
      Millis(200), "somebody looks for an answer", [this, command, record, heard, looks_left] {
        const auto done = server_.outside().find_done({command});
        if (done.empty()) {
          if (looks_left > 0) await_done(command, record, heard, looks_left - 1);
          return;
        }
        const std::string& verdict = done.front().verdict;
        const bool accepted = verdict == "accepted" || verdict == "remembered";
        if (accepted && !witness_.obeyed().contains(command.text()))
          setting_.broken("command " + command.text() + " was accepted, and is in no journal");
        history_.close(record, setting_.queue.wall(), [&](HistoryRecord& r) {
          r.outcome = accepted ? "ok" : "fail";
          r.status = verdict;
        });
        if (heard) heard(accepted, done.front().sentence);
      });
}

}  // namespace amends::simulation
