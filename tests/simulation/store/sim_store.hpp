// An engine's connection to the server: the memory store behind everything that can happen to a connection.
//
// To add a fault: a kind in base/faults, and the place here where it strikes.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "engine/ports/retention.hpp"
#include "tests/simulation/engines/engine_clock.hpp"
#include "tests/simulation/store/server.hpp"

namespace amends::simulation {

class SimStore final : public engine::Store, public engine::SharedStore, public engine::Retention {
 public:
  // Every verb lets time pass on `clock`.
  SimStore(Setting& setting, Server& server, Witness& witness, WaitingClock& clock, const Chance& chance)
      : setting_(setting), server_(server), witness_(witness), clock_(clock), chance_(chance) {}

  engine::Opened take_over(std::string_view engine_id, engine::WallTime now) override;
  engine::CommitResult commit(const engine::Batch& batch) override;
  std::vector<engine::PlanRow> ensure_plans(const std::vector<engine::PlanRow>& plans) override;
  std::vector<engine::SavedSaga> load_live(engine::ShardId shard, std::optional<engine::SagaId> after,
                                           std::uint32_t count_max) override;
  std::vector<engine::SavedSaga> load_due(const std::vector<engine::DueAfter>& after, engine::WallTime until,
                                          std::uint32_t count_max) override;
  std::vector<engine::SavedSaga> load_sagas(const std::vector<engine::SagaId>& sagas) override;
  engine::Retention* retention() override { return this; }
  engine::SharedStore* shared() override { return server_.is_shared() ? this : nullptr; }

  engine::Share tend(engine::WallTime now) override;
  void give_up(const std::vector<engine::ShardId>& shards) override;
  void leave() override;

  // sim_store_reads.cpp
  void introduce(const std::string&) override {}
  void post_command(const engine::CommandRow& row) override;
  std::vector<engine::CommandRow> read_commands(const std::vector<engine::ShardId>& shards,
                                                std::optional<engine::SagaId> after,
                                                std::uint32_t count_max) override;
  std::vector<engine::CommandDone> find_done(const std::vector<engine::SagaId>& commands) override;
  std::vector<engine::SagaRow> find_sagas(const std::vector<engine::SagaId>& sagas) override;
  std::vector<engine::EngineRow> engines() override;
  std::vector<engine::ShardRow> shards() override;
  engine::SharedCounts shared_counts() override;
  engine::CommandTrouble command_trouble() override;
  void on_wake(std::function<void()> wake) override;

  std::optional<engine::SagaRow> find_saga(const engine::SagaId& id) override;
  std::vector<engine::JournalRow> read_journal(const engine::SagaId& id, std::uint32_t after_seq,
                                               std::uint32_t count_max) override;
  std::vector<engine::Tag> read_tags(const engine::SagaId& id) override;
  engine::SagaPage list(const engine::SagaFilter& filter, std::optional<engine::SagaId> before,
                        std::uint32_t count_max) override;
  std::optional<engine::SagaId> find_start_key(std::string_view workflow, std::string_view key) override;
  std::vector<engine::PlanRow> plans() override;
  std::vector<engine::StateCount> counts() override;
  engine::Sleepers count_sleepers(const std::vector<engine::ShardId>& shards,
                                  engine::WallTime until) override;

  engine::EndedPage find_ended(engine::ShardId shard, std::optional<engine::SagaId> after,
                               engine::WallTime ended_before, std::uint32_t looked_max, bool whole) override;
  std::uint32_t retire(const std::vector<engine::SagaId>& sagas) override;
  void keep_keys(const std::vector<engine::KeptKey>& keys) override;
  std::uint32_t forget_keys(engine::WallTime now, engine::WallTime ended_before,
                            std::uint32_t count_max) override;
  std::uint32_t forget_commands(const std::vector<engine::ShardId>& shards, engine::WallTime answered_before,
                                std::uint32_t count_max) override;

 private:
  // The far end for a verb that `fault` may strike; throws StoreUnavailable when it cannot be reached.
  memory::MemoryStore& backend(Fault fault = Fault::read_fails);
  engine::CommitResult write(const engine::Batch& batch);
  static engine::Batch spoilt(const engine::Batch& given);
  engine::CommitResult in_doubt(const char* how);
  void spend(engine::Micros typical) { clock_.wait(chance_.delay(typical)); }

  Setting& setting_;
  Server& server_;
  Witness& witness_;
  WaitingClock& clock_;
  Chance chance_;
  std::shared_ptr<memory::MemoryStore> backend_;  // nothing while there is no connection
  std::string engine_;
  std::uint64_t epoch_ = 0;
  std::function<void()> wake_;
};

}  // namespace amends::simulation
