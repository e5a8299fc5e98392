#include "engine/runtime/engine.hpp"

#include <algorithm>
#include <utility>

#include "engine/base/check.hpp"
#include "engine/base/failpoint.hpp"
#include "engine/runtime/thread_name.hpp"

namespace amends::engine {

Engine::Engine(EngineOptions options, Clock& clock, Entropy& entropy, Store& store,
               const PlanCatalog& catalog, const Preparer& preparer, std::vector<EffectAdapter*> adapters,
               Observer& observer)
    : options_(std::move(options)),
      clock_(clock),
      entropy_(entropy),
      store_(store),
      catalog_(catalog),
      preparer_(preparer),
      adapters_(std::move(adapters)),
      observer_(observer),
      shared_(store.shared()),
      lease_(clock),
      entrance_(inbox_, standing_, options_.starts_waiting_max) {}

Engine::~Engine() {
  stop(Millis(0));
}

std::string Engine::open(const std::function<bool()>& give_up) {
  if (std::string trouble = take_over(); !trouble.empty()) return trouble;
  begin();
  return await_open(give_up);
}

std::string Engine::take_over() {
  AMENDS_CHECK(!loop_, "an engine is opened once");
  const Opened opened = store_.take_over(options_.engine_id, clock_.wall());
  if (!opened.writer) return "the store cannot be opened: " + opened.error;
  AMENDS_FAILPOINT_HERE("takeover_after_epoch");
  const FindFacts find = find_facts_in(adapters_);
  try {
    plans_ = admit_plans(catalog_, find, store_);
  } catch (const StoreUnavailable& down) {
    return "the store cannot be opened: " + down.error;
  }

  pool_ = std::make_unique<PreparePool>(
      options_.prepare, clock_, preparer_, find,
      [this](std::vector<PrepareResult> results) { inbox_.put(&InboxItems::prepared, results); });
  writer_ = std::make_unique<WriterThread>(options_.engine_id, clock_, store_, lease_, inbox_);
  LoopOptions loop_options = options_;
  loop_options.shard.shared = shared_ != nullptr;
  loop_ = std::make_unique<Loop>(std::move(loop_options),
                                 LoopParts{clock_, entropy_, catalog_, adapters_, observer_, lease_, inbox_,
                                           standing_, *writer_, *pool_},
                                 plans_.plans);
  loop_->begin(*opened.writer);
  return {};
}

void Engine::begin() {
  if (shared_) listen_for_hints();
  thread_ = std::thread([this] { run(); });
}

std::string Engine::await_open(const std::function<bool()>& give_up) {
  const std::future<void> read_back = opening_.get_future();
  while (read_back.wait_for(Millis(50)) != std::future_status::ready) {
    if (!give_up || !give_up()) continue;
    stop(Millis(0));
    return "stopped before the sagas were read back";
  }
  count_sleepers();
  return {};
}

// The loop goes on meanwhile.
void Engine::count_sleepers() {
  found_ = loop_->found();
  const auto mine = owned();
  std::vector<ShardId> shards = mine->ours;
  shards.insert(shards.end(), mine->loading.begin(), mine->loading.end());
  try {
    const Sleepers sleepers = store_.count_sleepers(shards, loop_->found_until());
    found_.sagas += sleepers.waiting + sleepers.parked;
    found_.parked += sleepers.parked;
  } catch (const StoreUnavailable&) {
    // Nothing depends on it.
  }
}

// ---- any thread ------------------------------------------------------------------------------------------

void Engine::start(StartCall call, std::function<void(const StartReply&)> answer) {
  entrance_.start(std::move(call), std::move(answer));
}

void Engine::start(std::vector<PostedStart> batch) {
  entrance_.start(std::move(batch));
}

void Engine::command(CommandCall call, std::function<void(const CommandReply&)> answer) {
  entrance_.command(std::move(call), std::move(answer));
}

void Engine::wait(SagaId saga, Elapsed until, std::function<void(WaitOutcome)> answer) {
  entrance_.wait(saga, until, std::move(answer));
}

void Engine::on_wake(std::function<void()> wake) {
  std::lock_guard lock(hints_->mutex);
  hints_->other = std::move(wake);
}

void Engine::listen_for_hints() {
  hints_->loop = [this] {
    standing_.hinted = true;
    inbox_.nudge();
  };
  shared_->on_wake([hints = hints_] {
    std::lock_guard lock(hints->mutex);
    if (hints->loop) hints->loop();
    if (hints->other) hints->other();
  });
}

void Engine::begin_stop() {
  standing_.stopping = true;
  inbox_.nudge();
}

void Engine::stop(Millis limit) {
  if (!thread_.joinable()) return;
  begin_stop();
  const Elapsed until = clock_.elapsed() + limit;
  AMENDS_FAILPOINT_HERE("shutdown_mid");
  for (EffectAdapter* adapter : adapters_)
    adapter->stop(std::max(Millis(0), std::chrono::duration_cast<Millis>(until - clock_.elapsed())));
  // What they answered is in the inbox by now; writing it may take a moment even when the limit is used up.
  finish_until_ = std::max(until, clock_.elapsed() + Millis(2'000)).count();
  finishing_ = true;
  inbox_.nudge();
  thread_.join();
  AMENDS_FAILPOINT_HERE("shutdown_mid");
  {
    std::lock_guard lock(hints_->mutex);
    hints_->loop = hints_->other = nullptr;
  }
  writer_->stop();
  pool_->stop();
}

// ---- the loop's thread -----------------------------------------------------------------------------------

void Engine::run() {
  name_this_thread("amends-loop");
  InboxItems items;
  Now now = loop_->time();
  bool told = false;
  while (true) {
    // Read first: what adapters answered before it was set is then among the items.
    const bool finishing = finishing_;
    if (finishing) AMENDS_FAILPOINT_HERE("shutdown_mid");
    inbox_.take(items, loop_->wait_limit(now));
    const bool quiet = items.empty();
    now = loop_->time();
    loop_->turn(items, now);
    if (loop_->opened() && !std::exchange(told, true)) opening_.set_value();
    if (finishing && (now.elapsed.count() >= finish_until_ || loop_->finished(quiet))) break;
  }
  loop_->answer_rest();
}

}  // namespace amends::engine
