#include "engine/runtime/entrance.hpp"

#include <utility>

namespace amends::engine {

void Entrance::start(StartCall call, std::function<void(const StartReply&)> answer) {
  std::vector<PostedStart> one;
  one.push_back({std::move(call), std::move(answer)});
  start(std::move(one));
}

// Refused here, before the inbox: callers that outrun the loop must not fill the memory.
void Entrance::start(std::vector<PostedStart> batch) {
  std::atomic<std::size_t>& waiting = standing_.starts_waiting;
  if (waiting.fetch_add(batch.size()) > starts_waiting_max_) {
    waiting -= batch.size();
    for (const PostedStart& posted : batch)
      posted.answer({0, StartStatus::unavailable, {}, "too many starts are waiting"});
    return;
  }
  if (inbox_.put(&InboxItems::starts, batch)) return;
  waiting -= batch.size();
  for (const PostedStart& posted : batch) posted.answer(start_while_stopping());
}

void Entrance::command(CommandCall call, std::function<void(const CommandReply&)> answer) {
  PostedCommand posted{std::move(call), std::move(answer)};
  if (!inbox_.put(&InboxItems::commands, posted)) posted.answer(command_while_stopping());
}

void Entrance::wait(SagaId saga, Elapsed until, std::function<void(WaitOutcome)> answer) {
  PostedWait posted{saga, until, std::move(answer)};
  if (!inbox_.put(&InboxItems::waits, posted)) posted.answer(WaitOutcome::stopping);
}

}  // namespace amends::engine
