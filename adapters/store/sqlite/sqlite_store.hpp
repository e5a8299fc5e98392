// The embedded store: one SQLite file in a directory of its own, one writing process, any number of readers.
//
// docs/store.md describes the tables and what a commit's three outcomes mean here.
#pragma once
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include "adapters/store/sqlite/data_dir.hpp"
#include "adapters/store/sqlite/inspection.hpp"
#include "adapters/store/sqlite/reader_pool.hpp"
#include "adapters/store/sqlite/writer.hpp"
#include "engine/ports/retention.hpp"
#include "engine/ports/store.hpp"

namespace amends::sqlite {

struct Options {
  // Never creates or changes anything and takes no lock: works beside a live writer and without one. Reads
  // are answered at once; the writer's verbs are not available.
  bool read_only = false;
  // A flush is refused as disk_full while less than this is free, so that a checkpoint and a take-over still
  // fit. 0: never looked at.
  std::uint64_t reserve_bytes = 16 << 20;
  // For tests. `vfs`: SQLite's file layer by name. Without the lock a second writer is only held off by the
  // epoch.
  std::string vfs = {};
  bool without_lock = false;
};

class SqliteStore;

struct OpenedStore {
  std::unique_ptr<SqliteStore> store;  // nothing when it cannot be opened
  std::string error_class, error;
};

class SqliteStore : public engine::Store, public engine::Retention {
 public:
  // Makes the directory (0700) and the file (0600) if they are missing, unless read_only. Refuses, with a
  // sentence: a store in use (it names the process), one of a newer version, another program's file, a
  // damaged one.
  static OpenedStore open(const std::filesystem::path& dir, Options options = {});

  engine::Opened take_over(std::string_view engine_id, engine::WallTime now) override;
  engine::CommitResult commit(const engine::Batch& batch) override;
  std::vector<engine::PlanRow> ensure_plans(const std::vector<engine::PlanRow>& plans) override;
  std::vector<engine::SavedSaga> load_live(engine::ShardId shard, std::optional<engine::SagaId> after,
                                           std::uint32_t count_max) override;
  std::vector<engine::SavedSaga> load_due(const std::vector<engine::DueAfter>& after, engine::WallTime until,
                                          std::uint32_t count_max) override;
  std::vector<engine::SavedSaga> load_sagas(const std::vector<engine::SagaId>& sagas) override;

  engine::Retention* retention() override { return options_.read_only ? nullptr : this; }
  engine::EndedPage find_ended(engine::ShardId shard, std::optional<engine::SagaId> after,
                               engine::WallTime ended_before, std::uint32_t looked_max, bool whole) override;
  std::uint32_t retire(const std::vector<engine::SagaId>& sagas) override;
  void keep_keys(const std::vector<engine::KeptKey>& keys) override;
  std::uint32_t forget_keys(engine::WallTime now, engine::WallTime ended_before,
                            std::uint32_t count_max) override;
  std::uint32_t forget_commands(const std::vector<engine::ShardId>& shards, engine::WallTime answered_before,
                                std::uint32_t count_max) override;
  // Flushes wait for the same writer.
  engine::Micros piece_time() const override { return engine::Millis(5); }

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
  engine::Inspection* inspection() override { return &inspection_; }

 private:
  SqliteStore(const std::filesystem::path& dir, Options options);

  // Free and reserved bytes as a sentence; empty while there is room.
  std::string want_of_room() const;
  void drop_writer_locked();
  template <typename Verb>
  auto with_writer(Verb verb);

  const std::filesystem::path dir_;
  const std::string path_;
  const Options options_;
  DirLock lock_;
  ReaderPool readers_;
  SqliteInspection inspection_;
  std::mutex writer_mutex_;                   // guards the rest: retention has a thread of its own
  std::unique_ptr<WriterConnection> writer_;  // nothing before take_over() and after an unknown commit
  engine::Writer at_;
};

template <typename Verb>
auto SqliteStore::with_writer(Verb verb) {
  std::lock_guard lock(writer_mutex_);
  if (writer_ == nullptr) throw engine::StoreUnavailable{"io", "the store has to be taken over first"};
  const auto unavailable = [](const SqliteError& error) {
    return engine::StoreUnavailable{error_class_of(error), sentence("the store cannot be used", error)};
  };
  try {
    return verb(*writer_);
  } catch (const SqliteError& error) {
    throw unavailable(error);
  } catch (const CommitInDoubt& doubt) {
    drop_writer_locked();
    throw unavailable(doubt.error);
  }
}

}  // namespace amends::sqlite
