#include "engine/runtime/writers.hpp"

#include <algorithm>

#include "engine/base/check.hpp"

namespace amends::engine {
namespace {

bool has(const Engine::Owned& owned, ShardId shard) {
  for (const auto* shards : {&owned.ours, &owned.loading, &owned.leaving})
    if (std::find(shards->begin(), shards->end(), shard) != shards->end()) return true;
  return false;
}

void add(std::vector<ShardId>& to, const std::vector<ShardId>& from) {
  to.insert(to.end(), from.begin(), from.end());
  std::sort(to.begin(), to.end());
}

}  // namespace

Writers::Writers(std::vector<Engine*> engines)
    : engines_(std::move(engines)), turn_(std::make_shared<std::atomic<std::uint32_t>>(0)) {
  AMENDS_CHECK(!engines_.empty(), "a process has an engine");
}

// All take their places before any looks for its share: else the first takes what is the second's, and the
// sagas of those shards are read back twice.
std::string Writers::open(const std::function<bool()>& give_up) {
  for (Engine* engine : engines_)
    if (std::string trouble = engine->take_over(); !trouble.empty()) return trouble;
  for (Engine* engine : engines_) engine->begin();
  for (Engine* engine : engines_)
    if (std::string trouble = engine->await_open(give_up); !trouble.empty()) return trouble;
  return {};
}

// The adapters are stopped with the first engine; the others go on taking replies meanwhile.
void Writers::stop(Millis limit) {
  for (Engine* engine : engines_) engine->begin_stop();
  for (Engine* engine : engines_) engine->stop(std::exchange(limit, Millis(0)));
}

// ---- whose it is -----------------------------------------------------------------------------------------

Engine& Writers::next() const {
  if (engines_.size() == 1) return *engines_.front();
  const std::uint32_t turn = turn_->fetch_add(1, std::memory_order_relaxed);
  for (std::size_t i = 0; i < engines_.size(); ++i) {
    Engine& engine = *engines_[(turn + i) % engines_.size()];
    if (engine.ready()) return engine;
  }
  return *engines_[turn % engines_.size()];
}

// Where nobody here has the shard, any of them says so: "elsewhere".
Engine& Writers::owner(const SagaId& saga) const {
  for (Engine* engine : engines_)
    if (engine != engines_.back() && has(*engine->owned(), saga.shard())) return *engine;
  return *engines_.back();
}

void Writers::start(StartCall call, std::function<void(const StartReply&)> answer) {
  next().start(std::move(call), std::move(answer));
}

void Writers::start(std::vector<PostedStart> batch) {
  next().start(std::move(batch));
}

void Writers::start_posted(StartCall call, std::function<void(const StartReply&)> answer) {
  AMENDS_CHECK(call.saga, "a start that came through the store has its saga");
  Engine& engine = owner(*call.saga);
  engine.start(std::move(call), std::move(answer));
}

void Writers::command(CommandCall call, std::function<void(const CommandReply&)> answer) {
  Engine& engine = owner(call.saga);
  engine.command(std::move(call), std::move(answer));
}

void Writers::wait(SagaId saga, Elapsed until, std::function<void(WaitOutcome)> answer) {
  owner(saga).wait(saga, until, std::move(answer));
}

// ---- all together ----------------------------------------------------------------------------------------

std::string Writers::why_not_ready() const {
  for (const Engine* engine : engines_)
    if (std::string why = engine->why_not_ready(); !why.empty()) return why;
  return {};
}

Engine::Readiness Writers::readiness() const {
  Engine::Readiness out = Engine::Readiness::not_ready;
  for (const Engine* engine : engines_) {
    const Engine::Readiness one = engine->readiness();
    if (one == Engine::Readiness::ready) return one;
    if (one != Engine::Readiness::not_ready) out = one;
  }
  return out;
}

bool Writers::fenced() const {
  return std::any_of(engines_.begin(), engines_.end(), [](const Engine* one) { return one->fenced(); });
}

Engine::Owned Writers::owned() const {
  Engine::Owned out;
  for (const Engine* engine : engines_) {
    const auto its = engine->owned();
    add(out.ours, its->ours);
    add(out.loading, its->loading);
    add(out.leaving, its->leaving);
    out.engines = std::max(out.engines, its->engines);
  }
  return out;
}

Recovered Writers::found() const {
  Recovered out;
  for (const Engine* engine : engines_) {
    const Recovered& one = engine->found();
    out.sagas += one.sagas;
    out.in_doubt += one.in_doubt;
    out.parked += one.parked;
    out.set_aside += one.set_aside;
  }
  return out;
}

std::size_t Writers::stuck_threads() const {
  std::size_t out = 0;
  for (const Engine* engine : engines_) out += engine->stuck_threads();
  return out;
}

void Writers::on_wake(const std::function<void()>& wake) {
  for (Engine* engine : engines_) engine->on_wake(wake);
}

}  // namespace amends::engine
