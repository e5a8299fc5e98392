#include "tests/simulation/store/sim_store.hpp"

#include "tests/simulation/base/plants.hpp"

namespace amends::simulation {

using engine::CommitResult;
using engine::CommitStatus;
using engine::Micros;
using engine::Millis;
using engine::StoreUnavailable;

memory::MemoryStore& SimStore::backend(Fault fault) {
  spend(Micros(setting_.options.commit_us / 4));
  if (server_.is_down()) throw StoreUnavailable{"io", "the server does not answer"};
  if (!backend_) throw StoreUnavailable{"io", "there is no connection"};
  if (setting_.faults.strike(fault, chance_, engine_))
    throw StoreUnavailable{"io", "the connection broke for a moment"};
  return *backend_;
}

// The clock that counts is the server's, whatever the engine's shows.
engine::Opened SimStore::take_over(std::string_view engine_id, engine::WallTime) {
  engine_ = engine_id;
  backend_ = nullptr;  // what the old connection held is gone with it
  spend(Micros(setting_.options.commit_us));
  if (server_.is_down() || setting_.faults.strike(Fault::take_over_fails, chance_, engine_id))
    return {std::nullopt, "io", "the server does not answer"};
  if (server_.has_transaction_of(engine_)) {
    // The writer's row is held. Either we wait for it, or give up waiting.
    if (chance_.one_in(2)) return {std::nullopt, "io", "the writer's row is locked"};
    server_.finish_transactions_of(engine_);
  }
  auto fresh = server_.accept();
  engine::Opened opened = fresh->take_over(engine_id, setting_.queue.wall());
  if (!opened.writer) {
    if (opened.error_class == "twin") setting_.coverage.saw(Seen::twin_refused);
    return opened;
  }
  backend_ = std::move(fresh);
  epoch_ = opened.writer->epoch;
  if (wake_) backend_->on_wake(wake_);
  server_.note_lease(engine_);
  witness_.began(engine_, opened.writer->epoch, opened.writer->commit_seq);
  return opened;
}

CommitResult SimStore::in_doubt(const char* how) {
  backend_ = nullptr;
  if (setting_.queue.tracing()) setting_.queue.say("'" + engine_ + "': a flush is in doubt: " + how);
  return {CommitStatus::unknown, {}, "io", "the connection broke before the answer"};
}

// What a store's own mistakes make of a flush.
engine::Batch SimStore::spoilt(const engine::Batch& given) {
  engine::Batch batch = given;
  if (planted("start_key_forgotten"))
    for (engine::NewSaga& fresh : batch.starts) fresh.key.reset();
  if (planted("posted_command_forgotten")) batch.answered.clear();
  if (planted("flush_loses_row") && batch.journal.size() > 2) batch.journal.pop_back();
  return batch;
}

CommitResult SimStore::commit(const engine::Batch& batch) {
  return plants().empty() ? write(batch) : write(spoilt(batch));
}

CommitResult SimStore::write(const engine::Batch& batch) {
  spend(Micros(setting_.options.commit_us));
  if (setting_.faults.strike(Fault::commit_slow, chance_, engine_)) spend(Millis(400));
  // Each is drawn, so that one that is switched off does not move the others.
  const bool lost = setting_.faults.strike(Fault::commit_lost, chance_, engine_);
  const bool landed = setting_.faults.strike(Fault::commit_landed, chance_, engine_);
  const bool late = setting_.faults.strike(Fault::commit_late, chance_, engine_);
  const bool refused = setting_.faults.strike(Fault::commit_refused, chance_, engine_);
  const Micros later = chance_.delay(Millis(200));
  if (!backend_ || server_.is_down()) return in_doubt("the server does not answer");
  if (server_.is_full()) return {CommitStatus::refused, {}, "disk_full", "no space left on device"};
  if (refused) return {CommitStatus::refused, {}, "io", "the server refused the statement"};
  if (lost) {
    setting_.coverage.saw(Seen::doubt_lost);
    witness_.happened(engine_, epoch_, "lost");
    return in_doubt("it was not written");
  }
  if (late) {
    server_.commit_late(engine_, epoch_, std::move(backend_), batch, later);
    return in_doubt("it will be written");
  }
  CommitResult result = server_.commit(engine_, epoch_, *backend_, batch);
  if (landed && result.status == CommitStatus::committed) {
    setting_.coverage.saw(Seen::doubt_landed);
    witness_.happened(engine_, epoch_, "landed");
    return in_doubt("it was written");
  }
  return result;
}

engine::Share SimStore::tend(engine::WallTime) {
  memory::MemoryStore& far = backend(Fault::tend_fails);
  server_.finish_transactions_of_the_dead();
  engine::Share share = far.tend(setting_.queue.wall());
  server_.note_lease(engine_);
  server_.owners_changed();
  return share;
}

void SimStore::give_up(const std::vector<engine::ShardId>& shards) {
  memory::MemoryStore& far = backend();
  witness_.gives_up(engine_, shards);
  far.give_up(shards);
  server_.owners_changed();
}

void SimStore::leave() {
  backend().leave();
  server_.note_left(engine_);
  server_.owners_changed();
  setting_.coverage.saw(Seen::stepped_down);
}

std::vector<engine::PlanRow> SimStore::ensure_plans(const std::vector<engine::PlanRow>& plans) {
  return backend().ensure_plans(plans);
}

}  // namespace amends::simulation
