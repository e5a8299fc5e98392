// The store for tests and the simulation: the port's semantics without a disk, and faults on request.
#pragma once
#include <memory>
#include <utility>

#include "adapters/store/memory/tables.hpp"
#include "engine/ports/store.hpp"

namespace amends::memory {

// The reads: any thread. The writer's verbs: one thread. A crash is to destroy the store and keep the tables.
class MemoryStore : public engine::Store {
 public:
  explicit MemoryStore(std::shared_ptr<Tables> tables) : tables_(std::move(tables)) {}

  engine::Opened take_over(std::string_view engine_id, engine::WallTime now) override;
  engine::CommitResult commit(const engine::Batch& batch) override;
  std::vector<engine::PlanRow> ensure_plans(const std::vector<engine::PlanRow>& plans) override;
  std::vector<engine::SavedSaga> load_live(engine::ShardId shard, std::optional<engine::SagaId> after,
                                           std::uint32_t count_max) override;
  std::uint32_t purge_start_keys(engine::WallTime now, std::uint32_t count_max) override;

  std::optional<engine::SagaRow> find_saga(const engine::SagaId& id) override;
  std::vector<engine::JournalRow> read_journal(const engine::SagaId& id, std::uint32_t after_seq,
                                               std::uint32_t count_max) override;
  std::vector<engine::Tag> read_tags(const engine::SagaId& id) override;
  engine::SagaPage list(const engine::SagaFilter& filter, std::optional<engine::SagaId> before,
                        std::uint32_t count_max) override;
  std::optional<engine::SagaId> find_start_key(std::string_view workflow, std::string_view key) override;
  std::vector<engine::PlanRow> plans() override;
  std::vector<engine::StateCount> counts() override;

 private:
  engine::CommitResult in_doubt_locked();
  void check_settled_locked() const;  // throws StoreUnavailable
  void check_fence_locked() const;    // throws StoreUnavailable

  const std::shared_ptr<Tables> tables_;
  std::uint64_t epoch_ = 0;
  bool is_settled_ = false;  // false before take_over() and after an unknown commit; under the tables' mutex
};

}  // namespace amends::memory
