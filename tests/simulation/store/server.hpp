// The database server of the simulated world: the rows, which outlive every engine; transactions whose client
// has gone; its own clock, which is right; and its bad days.
//
// What a database promises is not put in question here: a transaction is whole or not there, and what it
// acknowledged stays. What it does not promise is all there: nobody hears of the outcome, it comes late,
// there is no room, nobody answers.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/store/memory/memory_store.hpp"
#include "tests/simulation/base/setting.hpp"
#include "tests/simulation/judge/witness.hpp"

namespace amends::simulation {

class Server {
 public:
  Server(Setting& setting, Witness& witness);

  bool is_shared() const { return setting_.options.shards > 1; }
  // A connection's far end, as the memory store knows it.
  std::shared_ptr<memory::MemoryStore> accept() const;
  // Reads what is there, and posts commands; it owns nothing, and is never down.
  memory::MemoryStore& outside() { return outside_; }
  std::optional<engine::SagaRow> find_row(const engine::SagaId& saga);
  std::vector<engine::JournalRow> read_journal(const engine::SagaId& saga);
  // A command for whoever owns its saga, and all that there were.
  void post(const engine::CommandRow& row);
  const std::vector<engine::CommandRow>& posted() const { return posted_; }

  // ---- bad days ----
  void go_down(engine::Micros time);
  void fill_disk(engine::Micros time);
  bool is_down() const { return setting_.queue.now() < down_until_; }
  bool is_full() const { return setting_.queue.now() < full_until_; }

  // ---- what a writer asks ----
  // Runs the flush, and tells the witness what is in the tables from then on.
  engine::CommitResult commit(const std::string& engine, std::uint64_t epoch, memory::MemoryStore& backend,
                              const engine::Batch& batch);
  // The same, some time from now: its client has given it up, the backend has not.
  void commit_late(const std::string& engine, std::uint64_t epoch,
                   std::shared_ptr<memory::MemoryStore> backend, engine::Batch batch, engine::Micros in);
  // Who wants a writer's row waits for the transaction that holds it: it ends first.
  void finish_transactions_of(const std::string& engine);
  bool has_transaction_of(const std::string& engine) const;
  // The same for all whose lease is over, before anyone declares them dead.
  void finish_transactions_of_the_dead();
  void note_lease(const std::string& engine) { lease_until_[engine] = setting_.queue.wall() + lease_; }
  void note_left(const std::string& engine) { lease_until_.erase(engine); }
  // Shards may have other owners now.
  void owners_changed();

  engine::Millis lease() const { return lease_; }

 private:
  struct InFlight {
    std::uint64_t number = 0;
    std::string engine;
    std::uint64_t epoch = 0;
    std::shared_ptr<memory::MemoryStore> backend;
    engine::Batch batch;
  };
  void finish(std::uint64_t number);

  Setting& setting_;
  Witness& witness_;
  const engine::Millis lease_;
  const std::shared_ptr<memory::Tables> tables_;
  memory::MemoryStore outside_;
  engine::Micros down_until_{}, full_until_{};
  std::vector<InFlight> in_flight_;
  std::uint64_t in_flight_count_ = 0;
  std::map<std::string, engine::WallTime> lease_until_;
  std::vector<engine::CommandRow> posted_;
};

}  // namespace amends::simulation
