#include "tests/simulation/store/server.hpp"

#include <algorithm>

namespace amends::simulation {

using engine::Batch;
using engine::CommitResult;
using engine::CommitStatus;
using engine::Micros;

Server::Server(Setting& setting, Witness& witness)
    : setting_(setting),
      witness_(witness),
      lease_(engine::Millis(setting.options.lease_ms)),
      tables_(std::make_shared<memory::Tables>(static_cast<engine::ShardId>(setting.options.shards))),
      outside_(tables_, engine::Millis(-1)) {
  // It is never alive, and so gets no shard. Alone, it would take the store from its engine: it comes first.
  outside_.take_over("outside", setting.queue.wall() - engine::Millis(1'000));
}

std::optional<engine::SagaRow> Server::find_row(const engine::SagaId& saga) {
  return outside_.find_saga(saga);
}

std::vector<engine::JournalRow> Server::read_journal(const engine::SagaId& saga) {
  return outside_.read_journal(saga, 0, 1'000'000);
}

void Server::post(const engine::CommandRow& row) {
  if (setting_.evidence) posted_.push_back(row);
  outside_.post_command(row);
}

std::shared_ptr<memory::MemoryStore> Server::accept() const {
  return std::make_shared<memory::MemoryStore>(tables_, lease_);
}

void Server::go_down(Micros time) {
  setting_.faults.struck(Fault::store_down);
  down_until_ = std::max(down_until_, setting_.queue.now() + time);
}

void Server::fill_disk(Micros time) {
  setting_.faults.struck(Fault::disk_full);
  full_until_ = std::max(full_until_, setting_.queue.now() + time);
}

CommitResult Server::commit(const std::string& engine, std::uint64_t epoch, memory::MemoryStore& backend,
                            const Batch& batch) {
  CommitResult result = backend.commit(batch);
  if (result.status == CommitStatus::committed) witness_.written(engine, epoch, batch, result.taken);
  if (result.status == CommitStatus::fenced) {
    setting_.coverage.saw(Seen::fenced_write);
    witness_.happened(engine, epoch, "fenced");
  }
  if (result.status == CommitStatus::refused && result.error_class == "data")
    setting_.broken("a flush of '" + engine + "' contradicts the tables: " + result.error);
  return result;
}

void Server::commit_late(const std::string& engine, std::uint64_t epoch,
                         std::shared_ptr<memory::MemoryStore> backend, Batch batch, Micros in) {
  const std::uint64_t number = ++in_flight_count_;
  in_flight_.push_back({number, engine, epoch, std::move(backend), std::move(batch)});
  setting_.queue.after(in, "a late commit lands", [this, number] { finish(number); });
}

void Server::finish(std::uint64_t number) {
  const auto found = std::find_if(in_flight_.begin(), in_flight_.end(),
                                  [&](const InFlight& one) { return one.number == number; });
  if (found == in_flight_.end()) return;
  const InFlight one = std::move(*found);
  in_flight_.erase(found);
  const CommitResult result = commit(one.engine, one.epoch, *one.backend, one.batch);
  const bool landed = result.status == CommitStatus::committed;
  if (landed) setting_.coverage.saw(Seen::landed_late);
  witness_.happened(one.engine, one.epoch, landed ? "landed" : "lost");
  if (setting_.queue.tracing())
    setting_.queue.say("a late commit of '" + one.engine + "' " +
                       (result.status == CommitStatus::committed ? "lands" : "is fenced"));
}

void Server::finish_transactions_of(const std::string& engine) {
  const std::vector<InFlight> all = in_flight_;
  for (const InFlight& one : all)
    if (one.engine == engine) finish(one.number);
}

bool Server::has_transaction_of(const std::string& engine) const {
  return std::any_of(in_flight_.begin(), in_flight_.end(),
                     [&](const InFlight& one) { return one.engine == engine; });
}

void Server::finish_transactions_of_the_dead() {
  for (const auto& [engine, until] : lease_until_)
    if (until < setting_.queue.wall()) finish_transactions_of(engine);
}

void Server::owners_changed() {
  if (!is_shared()) return;
  for (engine::ShardId shard = 0; shard < setting_.options.shards; ++shard)
    witness_.owned(shard, tables_->owner_of(shard));
}

}  // namespace amends::simulation
