#include "engine/runtime/engine.hpp"

#include <algorithm>

#include "engine/base/check.hpp"
#include "engine/definition/endpoints.hpp"

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
      owned_(std::make_shared<const Owned>()) {}

Engine::~Engine() {
  stop(Millis(0));
}

std::string Engine::open(const std::function<bool()>& give_up) {
  AMENDS_CHECK(!shard_, "an engine is opened once");
  const Opened opened = store_.take_over(options_.engine_id, clock_.wall());
  if (!opened.writer) return "the store cannot be opened: " + opened.error;

  std::vector<PlanPtr> plans = catalog_.plans();
  refuse_homeless(plans);
  std::vector<PlanRow> rows;
  for (const PlanPtr& plan : plans)
    rows.push_back({plan->id(), plan->workflow(), plan->version(), plan->shape(), plan->graph_json()});
  try {
    for (const PlanRow& other : store_.ensure_plans(rows))
      refused_plans_[other.plan_id] =
          other.plan_id + ": its shape changed under a version that is in use; give it a new version";
  } catch (const StoreUnavailable& down) {
    return "the store cannot be opened: " + down.error;
  }
  std::erase_if(plans, [this](const PlanPtr& plan) { return refused_plans_.contains(plan->id()); });

  ShardOptions shard_options = options_.shard;
  shard_options.shared = shared_ != nullptr;
  shard_ = std::make_unique<Shard>(shard_options, std::move(plans), entropy_, observer_);
  shard_->adopt(*opened.writer);
  pool_ = std::make_unique<PreparePool>(
      options_.prepare, clock_, preparer_,
      [this](std::string_view adapter, std::string_view endpoint) {
        return find_endpoint(adapter, endpoint);
      },
      [this](std::vector<PrepareResult> results) { inbox_.put(&InboxItems::prepared, results); });
  writer_ = std::make_unique<WriterThread>(options_.engine_id, clock_, store_, lease_, inbox_);
  if (shared_) {
    lease_.begin(opened.writer->epoch);
    shard_->recovered();
    listen_for_hints();
  } else {
    writer_->post(WriterThread::LoadJob{shard_->horizon(time())});
  }
  loop_ = std::thread([this] { run(); });
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
  const auto mine = owned();
  std::vector<ShardId> shards = mine->ours;
  shards.insert(shards.end(), mine->loading.begin(), mine->loading.end());
  try {
    const Sleepers sleepers = store_.count_sleepers(shards, found_until_);
    found_.sagas += sleepers.waiting + sleepers.parked;
    found_.parked += sleepers.parked;
  } catch (const StoreUnavailable&) {
    // Nothing depends on it.
  }
}

const EndpointFacts* Engine::find_endpoint(std::string_view adapter, std::string_view endpoint) const {
  for (const EffectAdapter* one : adapters_)
    if (one->name() == adapter) return one->find_endpoint(endpoint);
  return nullptr;
}

// Takes the plans out that name an endpoint which nobody serves: their first steps would happen before the
// saga were stuck.
void Engine::refuse_homeless(std::vector<PlanPtr>& plans) {
  const auto knows = [this](std::string_view adapter, std::string_view endpoint) {
    return find_endpoint(adapter, endpoint) != nullptr;
  };
  std::erase_if(plans, [&](const PlanPtr& plan) {
    const std::vector<std::string> found = check_endpoints(*plan, knows);
    for (const std::string& sentence : found) {
      std::string& why = refused_plans_[plan->id()];
      why += (why.empty() ? "" : "; ") + sentence;
    }
    return !found.empty();
  });
}

// ---- any thread ------------------------------------------------------------------------------------------

void Engine::start(StartCall call, std::function<void(const StartReply&)> answer) {
  std::vector<PostedStart> one;
  one.push_back({std::move(call), std::move(answer)});
  start(std::move(one));
}

// Refused here, before the inbox: callers that outrun the loop must not fill the memory.
void Engine::start(std::vector<PostedStart> batch) {
  if (starts_waiting_.fetch_add(batch.size()) > options_.starts_waiting_max) {
    starts_waiting_ -= batch.size();
    for (const PostedStart& posted : batch)
      posted.answer({0, StartStatus::unavailable, {}, "too many starts are waiting"});
    return;
  }
  if (inbox_.put(&InboxItems::starts, batch)) return;
  starts_waiting_ -= batch.size();
  for (const PostedStart& posted : batch) posted.answer(start_while_stopping());
}

void Engine::command(CommandCall call, std::function<void(const CommandReply&)> answer) {
  PostedCommand posted{std::move(call), std::move(answer)};
  if (!inbox_.put(&InboxItems::commands, posted)) posted.answer(command_while_stopping());
}

void Engine::wait(SagaId saga, Elapsed until, std::function<void(WaitOutcome)> answer) {
  PostedWait posted{saga, until, std::move(answer)};
  if (!inbox_.put(&InboxItems::waits, posted)) posted.answer(WaitOutcome::stopping);
}

void Engine::deliver(std::vector<Answered> answers) {
  inbox_.put(&InboxItems::replies, answers);
}

Engine::Readiness Engine::readiness() const {
  return ready_ && !stopping_ ? writing_.load() : Readiness::not_ready;
}

void Engine::stop(Millis limit) {
  if (!loop_.joinable()) return;
  stopping_ = true;
  inbox_.nudge();
  const Elapsed until = clock_.elapsed() + limit;
  for (EffectAdapter* adapter : adapters_)
    adapter->stop(std::max(Millis(0), std::chrono::duration_cast<Millis>(until - clock_.elapsed())));
  // What they answered is in the inbox by now; writing it may take a moment even when the limit is used up.
  finish_until_ = std::max(until, clock_.elapsed() + Millis(2'000)).count();
  finishing_ = true;
  inbox_.nudge();
  loop_.join();
  {
    std::lock_guard lock(hints_->mutex);
    hints_->loop = hints_->other = nullptr;
  }
  writer_->stop();
  pool_->stop();
}

}  // namespace amends::engine
