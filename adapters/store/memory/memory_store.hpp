// The store for tests and the simulation: the port's semantics without a disk, and faults on request.
#pragma once
#include <memory>
#include <utility>

#include "adapters/store/memory/tables.hpp"
#include "engine/ports/retention.hpp"
#include "engine/ports/shared_store.hpp"
#include "engine/ports/store.hpp"

namespace amends::memory {

// The reads: any thread. The writer's verbs: one thread. A crash is to destroy the store and keep the tables.
class MemoryStore : public engine::Store, public engine::SharedStore, public engine::Retention {
 public:
  // `lease` is by the times that its verbs are given.
  explicit MemoryStore(std::shared_ptr<Tables> tables, engine::Millis lease = std::chrono::seconds(5))
      : tables_(std::move(tables)), lease_(lease) {}
  ~MemoryStore() override;

  engine::Opened take_over(std::string_view engine_id, engine::WallTime now) override;
  engine::CommitResult commit(const engine::Batch& batch) override;
  std::vector<engine::PlanRow> ensure_plans(const std::vector<engine::PlanRow>& plans) override;
  std::vector<engine::SavedSaga> load_live(engine::ShardId shard, std::optional<engine::SagaId> after,
                                           std::uint32_t count_max) override;
  std::vector<engine::SavedSaga> load_due(const std::vector<engine::DueAfter>& after, engine::WallTime until,
                                          std::uint32_t count_max) override;
  std::vector<engine::SavedSaga> load_sagas(const std::vector<engine::SagaId>& sagas) override;
  engine::Retention* retention() override { return this; }
  engine::SharedStore* shared() override { return tables_->is_shared() ? this : nullptr; }

  engine::EndedPage find_ended(engine::ShardId shard, std::optional<engine::SagaId> after,
                               engine::WallTime ended_before, std::uint32_t looked_max, bool whole) override;
  std::uint32_t retire(const std::vector<engine::SagaId>& sagas) override;
  void keep_keys(const std::vector<engine::KeptKey>& keys) override;
  std::uint32_t forget_keys(engine::WallTime now, engine::WallTime ended_before,
                            std::uint32_t count_max) override;
  std::uint32_t forget_commands(const std::vector<engine::ShardId>& shards, engine::WallTime answered_before,
                                std::uint32_t count_max) override;

  engine::Share tend(engine::WallTime now) override;
  void give_up(const std::vector<engine::ShardId>& shards) override;
  void leave() override;
  void post_command(const engine::CommandRow& row) override;
  std::vector<engine::CommandRow> read_commands(const std::vector<engine::ShardId>& shards,
                                                std::optional<engine::SagaId> after,
                                                std::uint32_t count_max) override;
  std::vector<engine::CommandDone> find_done(const std::vector<engine::SagaId>& commands) override;
  std::vector<engine::SagaRow> find_sagas(const std::vector<engine::SagaId>& sagas) override;
  void introduce(const std::string& address) override;
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

 private:
  engine::CommitResult in_doubt_locked();
  engine::SavedSaga saved_locked(const engine::SagaRow& row) const;
  void check_settled_locked() const;  // throws StoreUnavailable
  void check_fence_locked() const;    // throws StoreUnavailable

  Tables::WriterState& writer_locked() { return tables_->writers_[engine_]; }
  bool is_fenced_locked() const;

  const std::shared_ptr<Tables> tables_;
  const engine::Millis lease_;
  std::string engine_;     // ours, in a shared store
  std::string served_at_;  // by introduce(); under the tables' mutex
  std::uint64_t epoch_ = 0;
  bool is_settled_ = false;  // false before take_over() and after an unknown commit; under the tables' mutex
};

}  // namespace amends::memory
