// The writer's connection, and one flush as one statement.
#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "adapters/store/postgres/connection.hpp"
#include "engine/ports/store.hpp"

namespace amends::postgres {

// One thread. Throws PostgresError; after one that is no refusal (error.hpp) only the destructor may be
// called.
class WriterConnection {
 public:
  // Connects, checks the schema, and prepares and runs the flush once, so that a table or a right that is
  // missing shows now.
  WriterConnection(const Address& address, Watchdog& dog, engine::Millis statement_limit);

  // Durably raises the epoch. Waits for the writer's row while a commit holds it.
  engine::Writer raise_epoch(std::string_view engine_id, engine::WallTime now);

  // The statuses `committed` (with its taken keys), `refused` and `fenced`.
  engine::CommitResult flush(const engine::Batch& batch, std::uint64_t epoch, std::uint64_t commit_seq);

  // These throw StoreUnavailable "fenced" when `epoch` is no longer ours.
  std::vector<engine::PlanRow> ensure_plans(const std::vector<engine::PlanRow>& plans, std::uint64_t epoch);
  std::uint32_t purge_start_keys(engine::WallTime now, std::uint32_t count_max, std::uint64_t epoch);
  std::vector<engine::SavedSaga> load_live(engine::ShardId shard, std::optional<engine::SagaId> after,
                                           std::uint32_t count_max);

 private:
  Connection connection_;
};

}  // namespace amends::postgres
