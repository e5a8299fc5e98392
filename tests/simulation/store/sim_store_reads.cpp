// What only reads, and what leaves the store.
#include "tests/simulation/base/plants.hpp"
#include "tests/simulation/store/sim_store.hpp"

namespace amends::simulation {

using namespace engine;

std::vector<SavedSaga> SimStore::load_live(ShardId shard, std::optional<SagaId> after,
                                           std::uint32_t count_max) {
  return backend().load_live(shard, after, count_max);
}
std::vector<SavedSaga> SimStore::load_due(const std::vector<DueAfter>& after, WallTime until,
                                          std::uint32_t count_max) {
  if (planted("sleeper_never_woken")) return {};
  return backend().load_due(after, until, count_max);
}
std::vector<SavedSaga> SimStore::load_sagas(const std::vector<SagaId>& sagas) {
  return backend().load_sagas(sagas);
}

// ---- shared ----------------------------------------------------------------------------------------------

void SimStore::post_command(const CommandRow& row) {
  backend().post_command(row);
}
std::vector<CommandRow> SimStore::read_commands(const std::vector<ShardId>& shards,
                                                std::optional<SagaId> after, std::uint32_t count_max) {
  return backend().read_commands(shards, after, count_max);
}
std::vector<CommandDone> SimStore::find_done(const std::vector<SagaId>& commands) {
  return backend().find_done(commands);
}
std::vector<SagaRow> SimStore::find_sagas(const std::vector<SagaId>& sagas) {
  return backend().find_sagas(sagas);
}
std::vector<EngineRow> SimStore::engines() {
  return backend().engines();
}
std::vector<ShardRow> SimStore::shards() {
  return backend().shards();
}
SharedCounts SimStore::shared_counts() {
  return backend().shared_counts();
}
CommandTrouble SimStore::command_trouble() {
  return backend().command_trouble();
}
void SimStore::on_wake(std::function<void()> wake) {
  wake_ = std::move(wake);
  if (backend_) backend_->on_wake(wake_);
}

// ---- readers ---------------------------------------------------------------------------------------------

std::optional<SagaRow> SimStore::find_saga(const SagaId& id) {
  return backend().find_saga(id);
}
std::vector<JournalRow> SimStore::read_journal(const SagaId& id, std::uint32_t after_seq,
                                               std::uint32_t count_max) {
  return backend().read_journal(id, after_seq, count_max);
}
std::vector<Tag> SimStore::read_tags(const SagaId& id) {
  return backend().read_tags(id);
}
SagaPage SimStore::list(const SagaFilter& filter, std::optional<SagaId> before, std::uint32_t count_max) {
  return backend().list(filter, before, count_max);
}
std::optional<SagaId> SimStore::find_start_key(std::string_view workflow, std::string_view key) {
  return backend().find_start_key(workflow, key);
}
std::vector<PlanRow> SimStore::plans() {
  return backend().plans();
}
std::vector<StateCount> SimStore::counts() {
  return backend().counts();
}
Sleepers SimStore::count_sleepers(const std::vector<ShardId>& shards, WallTime until) {
  return backend().count_sleepers(shards, until);
}

// ---- retention -------------------------------------------------------------------------------------------

EndedPage SimStore::find_ended(ShardId shard, std::optional<SagaId> after, WallTime ended_before,
                               std::uint32_t looked_max, bool whole) {
  return backend().find_ended(shard, after, ended_before, looked_max, whole);
}
std::uint32_t SimStore::retire(const std::vector<SagaId>& sagas) {
  const std::uint32_t count = backend().retire(sagas);
  if (count > 0) witness_.retired(sagas);
  setting_.coverage.saw(Seen::retired, count);
  return count;
}
void SimStore::keep_keys(const std::vector<KeptKey>& keys) {
  backend().keep_keys(keys);
}
std::uint32_t SimStore::forget_keys(WallTime now, WallTime ended_before, std::uint32_t count_max) {
  return backend().forget_keys(now, ended_before, count_max);
}
std::uint32_t SimStore::forget_commands(const std::vector<ShardId>& shards, WallTime answered_before,
                                        std::uint32_t count_max) {
  return backend().forget_commands(shards, answered_before, count_max);
}

}  // namespace amends::simulation
