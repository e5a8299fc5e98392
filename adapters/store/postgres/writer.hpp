// The writer's connection, and one flush as one statement.
#pragma once
#include <optional>
#include <string_view>
#include <vector>

#include "adapters/store/postgres/connection.hpp"
#include "adapters/store/postgres/flush_statement.hpp"
#include "engine/ports/shared_store.hpp"
#include "engine/ports/store.hpp"

namespace amends::postgres {

// Who takes over. An incarnation is drawn once per process, to tell it from another one of the same id.
struct Identity {
  std::string engine_id, incarnation, address, version;
  engine::Millis keys_retention{};
};
std::string draw_incarnation();

// One thread. Throws PostgresError; after one that is no refusal (error.hpp) only the destructor may be
// called.
class WriterConnection {
 public:
  // Connects, checks the schema, and prepares and runs the flush once, so that a table or a right that is
  // missing shows now.
  WriterConnection(const Address& address, Watchdog& dog, engine::Millis statement_limit,
                   engine::Millis lease);

  // Durably raise the epoch. They wait for the writer's row while a commit holds it.
  engine::Writer take_alone(const Identity& self);  // fences every other engine
  engine::Opened join(const Identity& self);        // one of several; refused as "twin"

  // The statuses `committed` (with its taken keys), `refused` and `fenced`.
  engine::CommitResult flush(const engine::Batch& batch, std::uint64_t epoch, std::uint64_t commit_seq);

  // These throw StoreUnavailable "fenced" when `epoch` is no longer ours.
  std::vector<engine::PlanRow> ensure_plans(const std::vector<engine::PlanRow>& plans, std::uint64_t epoch);
  // All but the last ones before this commit_seq.
  void purge_flushes(std::uint64_t commit_seq, std::uint64_t epoch);
  // Ends the connections of those whose lease is over and who hold their row all the same.
  engine::Share tend(std::uint64_t epoch);
  void introduce(const Identity& self);
  void give_up(const std::vector<engine::ShardId>& shards, std::uint64_t epoch);
  void leave(std::uint64_t epoch);
  std::vector<engine::SavedSaga> load_live(engine::ShardId shard, std::optional<engine::SagaId> after,
                                           std::uint32_t count_max);
  std::vector<engine::SavedSaga> load_due(const std::vector<engine::DueAfter>& after, engine::WallTime until,
                                          std::uint32_t count_max);
  std::vector<engine::SavedSaga> load_sagas(const std::vector<engine::SagaId>& sagas);

  std::uint16_t writer_id() const { return writer_id_; }

 private:
  std::uint64_t renew(std::uint64_t epoch);
  std::vector<engine::SavedSaga> with_journals(const pqxx::result& sagas);
  engine::Writer became(const pqxx::row& row);
  pqxx::result run_flush(FlushParts parts, const Params& params);
  std::uint64_t lease_millis() const { return static_cast<std::uint64_t>(lease_.count()); }

  Connection connection_;
  const engine::Millis lease_;
  int schema_ = 0;  // the version that is ready
  std::uint16_t writer_id_ = 0;
  engine::ShardId shards_ = 1;  // that the store has
};

}  // namespace amends::postgres
