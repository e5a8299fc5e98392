// One connection that reads, and the port's reads on it; each is one statement, so one snapshot.
#pragma once
#include <string_view>
#include <vector>

#include "adapters/store/postgres/connection.hpp"
#include "engine/ports/shared_store.hpp"
#include "engine/ports/store.hpp"

namespace amends::postgres {

// One thread at a time. Everything throws PostgresError.
class ReaderConnection {
 public:
  ReaderConnection(const Address& address, Watchdog& dog, engine::Millis statement_limit);

  std::optional<engine::SagaRow> find_saga(const engine::SagaId& id);
  std::vector<engine::JournalRow> read_journal(const engine::SagaId& id, std::uint32_t after_seq,
                                               std::uint32_t count_max);
  std::vector<engine::Tag> read_tags(const engine::SagaId& id);
  engine::SagaPage list(const engine::SagaFilter& filter, std::optional<engine::SagaId> before,
                        std::uint32_t count_max);
  std::optional<engine::SagaId> find_start_key(std::string_view workflow, std::string_view key);
  std::vector<engine::PlanRow> plans();
  std::vector<engine::StateCount> counts();
  engine::Sleepers count_sleepers(const std::vector<engine::ShardId>& shards, engine::WallTime until);

  std::vector<engine::CommandRow> read_commands(const std::vector<engine::ShardId>& shards,
                                                std::optional<engine::SagaId> after, std::uint32_t count_max);
  std::vector<engine::CommandDone> find_done(const std::vector<engine::SagaId>& commands);
  std::vector<engine::SagaRow> find_sagas(const std::vector<engine::SagaId>& sagas);
  std::vector<engine::EngineRow> engines();
  std::vector<engine::ShardRow> shards();
  engine::SharedCounts shared_counts();
  engine::CommandTrouble command_trouble();

 private:
  Connection connection_;
};

}  // namespace amends::postgres
