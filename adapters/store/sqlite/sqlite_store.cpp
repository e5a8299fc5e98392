#include "adapters/store/sqlite/sqlite_store.hpp"

#include <sys/statvfs.h>

#include "adapters/store/sqlite/schema.hpp"
#include "engine/base/check.hpp"

namespace amends::sqlite {
SqliteStore::SqliteStore(const std::filesystem::path& dir, Options options)
    : dir_(dir),
      path_((dir / "amends.db").string()),
      options_(std::move(options)),
      readers_(path_, options_.vfs),
      inspection_(path_, options_.vfs) {}

OpenedStore SqliteStore::open(const std::filesystem::path& dir, Options options) {
  std::unique_ptr<SqliteStore> store(new SqliteStore(std::filesystem::absolute(dir), std::move(options)));
  const auto refuse = [](std::string error_class, std::string error) {
    return OpenedStore{nullptr, std::move(error_class), std::move(error)};
  };
  try {
    if (store->options_.read_only) {
      ReaderPool& readers = store->readers_;
      readers.open();
      readers.with_reader([](ReaderConnection&) { return true; });
      return {std::move(store), {}, {}};
    }
    if (auto error = ensure_dir(store->dir_); !error.empty()) return refuse("io", std::move(error));
    if (!store->options_.without_lock) {
      if (auto error = store->lock_.take(store->dir_); !error.empty())
        return refuse("in_use", std::move(error));
    }
    if (auto error = ensure_file(store->path_); !error.empty()) return refuse("io", std::move(error));
    WriterConnection first(store->path_, store->options_.vfs);
    quick_check(first.connection());
    return {std::move(store), {}, {}};
  } catch (const SqliteError& error) {
    return refuse(error_class_of(error), sentence("cannot open " + store->path_, error));
  } catch (const engine::StoreUnavailable& error) {
    return refuse(error.error_class, store->path_ + ": " + error.error);
  }
}

void SqliteStore::drop_writer_locked() {
  readers_.shut();
  writer_.reset();
}

engine::Opened SqliteStore::take_over(std::string_view engine_id, engine::WallTime now) {
  if (options_.read_only) return {std::nullopt, "read_only", "the store was opened for reading only"};
  std::lock_guard lock(writer_mutex_);
  drop_writer_locked();
  try {
    // Opening settles and replays what the last writer left, perhaps with the flush in doubt; the epoch goes
    // behind it.
    auto writer = std::make_unique<WriterConnection>(path_, options_.vfs);
    at_ = writer->raise_epoch(engine_id, now);
    writer_ = std::move(writer);
  } catch (const SqliteError& error) {
    return {std::nullopt, error_class_of(error), sentence("the store cannot be taken over", error)};
  } catch (const CommitInDoubt& doubt) {
    return {std::nullopt, error_class_of(doubt.error),
            sentence("the store cannot be taken over", doubt.error)};
  }
  readers_.open();
  return {at_, {}, {}};
}

std::string SqliteStore::want_of_room() const {
  if (options_.reserve_bytes == 0) return {};
  struct statvfs disk {};
  if (::statvfs(dir_.c_str(), &disk) != 0) return {};
  const auto free_bytes = static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
  if (free_bytes >= options_.reserve_bytes) return {};
  return std::to_string(free_bytes) + " bytes are free on the disk that holds " + dir_.string() +
         ", less than the reserve of " + std::to_string(options_.reserve_bytes) + " bytes";
}

engine::CommitResult SqliteStore::commit(const engine::Batch& batch) {
  std::lock_guard lock(writer_mutex_);
  AMENDS_CHECK(at_.epoch > 0, "a commit on a store that was not taken over");
  // A commit of another verb was in doubt. Nothing of this flush was written; taking over is due all the
  // same.
  if (writer_ == nullptr) {
    return {.status = engine::CommitStatus::unknown,
            .taken = {},
            .error_class = "io",
            .error = "the store has to be taken over before anything is written"};
  }
  if (std::string want = want_of_room(); !want.empty()) {
    return {.status = engine::CommitStatus::refused,
            .taken = {},
            .error_class = "disk_full",
            .error = std::move(want)};
  }
  try {
    auto result = writer_->flush(batch, at_.epoch, at_.commit_seq + 1);
    if (result.status == engine::CommitStatus::committed) ++at_.commit_seq;
    return result;
  } catch (const CommitInDoubt& doubt) {
    // Nobody may see either outcome before take_over() has made it final.
    drop_writer_locked();
    return {.status = engine::CommitStatus::unknown,
            .taken = {},
            .error_class = error_class_of(doubt.error),
            .error = sentence("it is not known whether the flush was written", doubt.error)};
  }
}

std::vector<engine::PlanRow> SqliteStore::ensure_plans(const std::vector<engine::PlanRow>& plans) {
  return with_writer([&](WriterConnection& writer) { return writer.ensure_plans(plans, at_.epoch); });
}

std::vector<engine::SavedSaga> SqliteStore::load_live(engine::ShardId shard,
                                                      std::optional<engine::SagaId> after,
                                                      std::uint32_t count_max) {
  return with_writer([&](WriterConnection& writer) { return writer.load_live(shard, after, count_max); });
}

std::vector<engine::SavedSaga> SqliteStore::load_due(const std::vector<engine::DueAfter>& after,
                                                     engine::WallTime until, std::uint32_t count_max) {
  return with_writer([&](WriterConnection& writer) { return writer.load_due(after, until, count_max); });
}

std::vector<engine::SavedSaga> SqliteStore::load_sagas(const std::vector<engine::SagaId>& sagas) {
  return with_writer([&](WriterConnection& writer) { return writer.load_sagas(sagas); });
}

}  // namespace amends::sqlite
