// The writer's connection with its statements, prepared once, and one flush as one transaction.
#pragma once
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "adapters/store/sqlite/connection.hpp"
#include "engine/ports/retention.hpp"
#include "engine/ports/store.hpp"

namespace amends::sqlite {

// Any error from COMMIT: the transaction may be durable, or come back to life when the file is opened again.
struct CommitInDoubt {
  SqliteError error;
};

// One thread. After CommitInDoubt only the destructor may be called.
class WriterConnection {
 public:
  WriterConnection(const std::string& path, const std::string& vfs);

  Connection& connection() { return connection_; }

  // Durably raises the epoch. Throws SqliteError, CommitInDoubt.
  engine::Writer raise_epoch(std::string_view engine_id, engine::WallTime now);

  // The statuses `committed` (with its taken keys), `refused` and `fenced`; throws CommitInDoubt.
  engine::CommitResult flush(const engine::Batch& batch, std::uint64_t epoch, std::uint64_t commit_seq);

  // These throw SqliteError, CommitInDoubt, and StoreUnavailable "fenced" when `epoch` is no longer ours.
  std::vector<engine::PlanRow> ensure_plans(const std::vector<engine::PlanRow>& plans, std::uint64_t epoch);
  std::uint32_t retire(const std::vector<engine::SagaId>& sagas, std::uint64_t epoch);
  void keep_keys(const std::vector<engine::KeptKey>& keys, std::uint64_t epoch);
  std::uint32_t forget_keys(engine::WallTime now, engine::WallTime ended_before, std::uint32_t count_max,
                            std::uint64_t epoch);
  std::vector<engine::SavedSaga> load_live(engine::ShardId shard, std::optional<engine::SagaId> after,
                                           std::uint32_t count_max);
  std::vector<engine::SavedSaga> load_due(const std::vector<engine::DueAfter>& after, engine::WallTime until,
                                          std::uint32_t count_max);
  std::vector<engine::SavedSaga> load_sagas(const std::vector<engine::SagaId>& sagas);

 private:
  using SagaIds = std::unordered_set<engine::SagaId, engine::SagaIdHash>;

  // False when the fence missed.
  bool write(const engine::Batch& batch, std::uint64_t epoch, std::uint64_t commit_seq,
             std::vector<engine::KeyTaken>& taken);
  bool claim_key(const engine::NewSaga& start, std::size_t index, std::vector<engine::KeyTaken>& taken);
  void insert_start(const engine::NewSaga& start);
  void update_saga(const engine::SagaRow& row);
  void insert_journal(const engine::JournalRow& row, std::uint64_t epoch, std::uint64_t commit_seq);
  engine::SavedSaga read_saved(const Statement::Run& row);
  void begin_fenced(std::uint64_t epoch);
  void commit();
  void roll_back();

  Connection connection_;
  Statement begin_, commit_, rollback_;
  Statement claim_commit_seq_, raise_epoch_, find_epoch_;
  Statement claim_start_key_, find_claimed_key_, insert_saga_, update_saga_, insert_journal_, insert_tag_;
  Statement insert_plan_, find_plan_shape_;
  Statement load_live_, load_due_, load_saga_, load_journal_;
  Statement keep_key_, forget_keys_, retire_saga_, retire_journal_, retire_tags_;
};

}  // namespace amends::sqlite
