// What has had its time leaves the tables, over a connection of its own: the writer's belongs to the flushes.
#pragma once
#include <memory>
#include <string>

#include "adapters/store/postgres/connection.hpp"
#include "engine/ports/retention.hpp"

namespace amends::postgres {

// One thread at a time. Knows no fence: what it deletes is over, whoever deletes it.
class PostgresRetention final : public engine::Retention {
 public:
  PostgresRetention(const Address& address, Watchdog& dog) : address_(address), dog_(dog) {}

  engine::EndedPage find_ended(engine::ShardId shard, std::optional<engine::SagaId> after,
                               engine::WallTime ended_before, std::uint32_t looked_max, bool whole) override;
  std::uint32_t retire(const std::vector<engine::SagaId>& sagas) override;
  void keep_keys(const std::vector<engine::KeptKey>& keys) override;
  std::uint32_t forget_keys(engine::WallTime now, engine::WallTime ended_before,
                            std::uint32_t count_max) override;
  std::uint32_t forget_commands(const std::vector<engine::ShardId>& shards, engine::WallTime answered_before,
                                std::uint32_t count_max) override;

 private:
  pqxx::result run(const std::string& name, const Params& params);
  void load(std::vector<engine::EndedSaga>& sagas);

  const Address& address_;
  Watchdog& dog_;
  std::unique_ptr<Connection> connection_;  // nothing before the first call and after an error
};

}  // namespace amends::postgres
