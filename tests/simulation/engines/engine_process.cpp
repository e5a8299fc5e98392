#include "tests/simulation/engines/engine_process.hpp"

#include <algorithm>

#include "engine/base/buggify.hpp"
#include "tests/simulation/engines/running.hpp"

namespace amends::simulation {

using engine::Micros;
using engine::Millis;

EngineProcess::EngineProcess(Setting& setting, Server& server, Witness& witness, Network& network,
                             std::string name, std::vector<engine::PlanPtr> plans)
    : Process(setting, std::move(name)),
      server_(server),
      witness_(witness),
      network_(network),
      plans_(std::move(plans)),
      chance_(setting.chance(this->name())) {}

EngineProcess::~EngineProcess() = default;

bool EngineProcess::is_leaving() const {
  return running_ && running_->standing.stopping;
}

bool EngineProcess::is_whole() const {
  return running_ && running_->whole;
}

// ---- what becomes of it ----------------------------------------------------------------------------------

void EngineProcess::start(bool misses_a_plan) {
  if (running_) return;
  const Chance own = chance_.fork(++incarnations_);
  std::vector<engine::PlanPtr> plans = plans_;
  if (misses_a_plan) plans.erase(plans.begin() + static_cast<std::ptrdiff_t>(chance_.below(plans.size())));
  running_ = std::make_unique<Running>(*this, setting_, std::move(plans), own);
  Running& r = *running_;
  const engine::Opened opened = r.store.take_over(name(), clock().wall());
  if (!opened.writer) return end();
  engine::AdmittedPlans admitted;
  try {
    admitted = engine::admit_plans(r.catalog, engine::find_facts_in({&r.adapter}), r.store);
  } catch (const engine::StoreUnavailable&) {
    return end();
  }
  for (const auto& [plan, why] : admitted.refused) setting_.broken("a plan was refused: " + why);
  const Options& o = setting_.options;
  engine::LoopOptions options;
  options.shard.shared = server_.is_shared();
  options.shard.cold_after = Millis(o.cold_ms);
  options.shard.quiet_wait_max = std::min(options.shard.quiet_wait_max, options.shard.cold_after);
  options.shard.leave_max = Millis(o.leave_ms);
  options.shard.sagas_per_flush_max = static_cast<std::size_t>(o.flush_sagas);
  r.loop = std::make_unique<engine::Loop>(options,
                                          engine::LoopParts{clock(),
                                                            r.entropy,
                                                            r.catalog,
                                                            {&r.adapter},
                                                            r.observer,
                                                            r.lease,
                                                            r.inbox,
                                                            r.standing,
                                                            r.writer,
                                                            r.authors},
                                          std::move(admitted.plans));
  r.loop->begin(*opened.writer);
  witness_.happened(name(), opened.writer->epoch, "joined");
  if (server_.is_shared()) {
    r.store.on_wake([this, mine = life()] {
      if (mine != life()) return;
      after(Micros(200), "the store hints", [this] { take_hint(); });
    });
    after(Millis(50), "it looks for commands", [this] { keep_looking(); });
  }
  if (o.retire_ms > 0) {
    r.retiring = std::make_unique<engine::Retiring>(
        engine::RetiringOptions{Millis(o.retire_ms), 1.0}, r.store, [&r] { return r.standing.owned()->ours; },
        nullptr, clock(), r.observer);
    after(Millis(300), "old sagas leave", [this] { retire(); });
  }
  wake();
}

// The process is gone, and with it everything that it had not written.
void EngineProcess::end() {
  end_life();
  running_.reset();
}

void EngineProcess::crash() {
  if (!running_) return;
  witness_.happened(name(), 0, "crash");
  end();
}

// As Engine::stop() does it: what is in flight gets a little time, then the rest is cut.
void EngineProcess::hand_over() {
  if (!running_ || running_->standing.stopping) return;
  witness_.happened(name(), 0, "sigterm");
  running_->standing.stopping = true;
  wake();
  after(chance_.delay(Millis(200)), "it waits no longer", [this] {
    running_->adapter.stop(Millis(0));
    running_->finishing = true;
    running_->finish_until = clock().elapsed() + Millis(2'000);
    wake();
  });
}

// ---- the loop's thread -----------------------------------------------------------------------------------

void EngineProcess::wake() {
  if (running_ && running_->loop) turn_in(Micros(AMENDS_BUGGIFY("late wake") ? 3'000 : 10));
}

void EngineProcess::turn_in(Micros time) {
  Running& r = *running_;
  const Micros at = setting_.queue.now() + time;
  if (r.turn_at && *r.turn_at <= at) return;
  r.turn_at = at;
  after(time, "the loop turns", [this, number = ++r.turns] {
    if (number == running_->turns) turn();
  });
}

void EngineProcess::turn() {
  Running& r = *running_;
  r.turn_at.reset();
  r.inbox.nudge();  // so that taking does not wait
  r.inbox.take(r.items, Micros(0));
  const bool quiet = r.items.empty();
  // What came together is of different sagas, or came in any order.
  if (AMENDS_BUGGIFY("replies in another order"))
    std::reverse(r.items.replies.begin(), r.items.replies.end());
  if (AMENDS_BUGGIFY("requests in another order"))
    std::reverse(r.items.prepared.begin(), r.items.prepared.end());
  if (AMENDS_BUGGIFY("starts in another order")) std::reverse(r.items.starts.begin(), r.items.starts.end());
  const engine::Now now = r.loop->time();
  r.loop->turn(r.items, now);
  if (r.finishing && (now.elapsed >= r.finish_until || r.loop->finished(quiet))) {
    r.loop->answer_rest();
    witness_.happened(name(), 0, "left");
    return end();
  }
  if (r.standing.fenced) return crash();  // its supervisor starts it anew
  if (!r.inbox.is_empty()) return turn_in(Micros(10));
  if (AMENDS_BUGGIFY("turn for nothing")) return turn_in(Micros(30));
  if (const auto limit = r.loop->wait_limit(now)) turn_in(std::max(*limit, Micros(20)));
}

// ---- beside it -------------------------------------------------------------------------------------------

void EngineProcess::take_hint() {
  running_->standing.hinted = true;
  look_for_commands();
  wake();
}

bool EngineProcess::look_for_commands() {
  Running& r = *running_;
  if (r.standing.stopping) return false;
  const bool more = r.posted.look(r.store, r.standing.owned()->ours);
  r.store_clock.take_waited();
  wake();
  return more;
}

// Hints get lost.
void EngineProcess::keep_looking() {
  bool more = look_for_commands();
  if (AMENDS_BUGGIFY("look twice")) more = look_for_commands();
  after(more ? Millis(1) : Millis(250), "it looks for commands", [this] { keep_looking(); });
}

void EngineProcess::retire() {
  const Micros rest = running_->retiring->step();
  running_->store_clock.take_waited();
  after(std::clamp<Micros>(rest, Millis(20), Millis(2'000)), "old sagas leave", [this] { retire(); });
}

// ---- what clients ask ------------------------------------------------------------------------------------

engine::Answer<engine::StartCall> EngineProcess::check(const engine::StartRequest& request) const {
  return engine::check_start(request, running_->catalog);
}

void EngineProcess::start_sagas(std::vector<engine::PostedStart> starts) {
  running_->entrance.start(std::move(starts));
  wake();
}

void EngineProcess::command(engine::CommandCall call,
                            std::function<void(const engine::CommandReply&)> answer) {
  running_->entrance.command(std::move(call), std::move(answer));
  wake();
}

bool EngineProcess::owns(engine::ShardId shard) const {
  const auto owned = running_->standing.owned();
  return std::find(owned->ours.begin(), owned->ours.end(), shard) != owned->ours.end();
}

EngineProcess::LookedUp EngineProcess::look_up(const engine::SagaId& saga) {
  try {
    LookedUp found{true, running_->store.find_saga(saga)};
    running_->store_clock.take_waited();
    return found;
  } catch (const engine::StoreUnavailable&) {
    return {};
  }
}

}  // namespace amends::simulation
