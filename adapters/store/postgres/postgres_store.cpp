#include "adapters/store/postgres/postgres_store.hpp"

#include <algorithm>

#include "engine/base/check.hpp"

namespace amends::postgres {

PostgresStore::PostgresStore(Address address, Options options)
    : address_(std::move(address)),
      options_(std::move(options)),
      dog_(options_.answer_limit),
      reader_dog_(std::min(options_.answer_limit, options_.read_limit + std::chrono::seconds(2))),
      readers_(address_, reader_dog_, options_.read_limit),
      inspection_(address_, options_.inspection_limit),
      retention_(address_, dog_),
      served_at_(options_.address) {}

OpenedStore PostgresStore::open(const std::string& url, Options options) {
  Address address = read_address(url, options.lease);
  if (!address.error.empty()) return {nullptr, "io", address.error};
  std::unique_ptr<PostgresStore> store(new PostgresStore(std::move(address), std::move(options)));
  store->readers_.open();
  try {
    store->readers_.with_reader([](ReaderConnection&) { return true; });
  } catch (const engine::StoreUnavailable& error) {
    return {nullptr, error.error_class, error.error};
  }
  if (!store->options_.read_only) store->readers_.shut();
  return {std::move(store), {}, {}};
}

void PostgresStore::drop_writer() {
  readers_.shut();
  writer_.reset();
}

engine::Opened PostgresStore::take_over(std::string_view engine_id, engine::WallTime) {
  if (options_.read_only) return {std::nullopt, "read_only", "the store was opened for reading only"};
  drop_writer();
  try {
    auto writer = std::make_unique<WriterConnection>(address_, dog_, options_.write_limit, options_.lease);
    // Not before this is committed is the outcome of an earlier flush known, for ever: a statement of ours
    // that is still on its way either held the row before us, and was waited for, or will find another epoch.
    if (options_.is_shared) {
      const engine::Opened joined = join(*writer, engine_id);
      if (!joined.writer) return joined;
      at_ = *joined.writer;
    } else {
      at_ = writer->take_alone({std::string(engine_id), incarnation_, options_.address, options_.version,
                                options_.keys_retention});
    }
    writer_ = std::move(writer);
  } catch (const PostgresError& error) {
    return {std::nullopt, error_class_of(error),
            sentence("the store " + address_.shown + " cannot be taken over", error)};
  }
  readers_.open();
  return {at_, {}, {}};
}

engine::CommitResult PostgresStore::commit(const engine::Batch& batch) {
  AMENDS_CHECK(at_.epoch > 0, "a commit on a store that was not taken over");
  // Another verb found the connection broken. Nothing of this flush was sent; taking over is due all the
  // same.
  if (writer_ == nullptr) {
    return {.status = engine::CommitStatus::unknown,
            .taken = {},
            .error_class = "io",
            .error = "the connection to the store " + address_.shown + " was lost"};
  }
  try {
    auto result = writer_->flush(batch, at_.epoch, at_.commit_seq + 1);
    if (result.status == engine::CommitStatus::committed) ++at_.commit_seq;
    return result;
  } catch (const PostgresError& error) {
    // Nobody may see either outcome before take_over() has made it final.
    drop_writer();
    return {.status = engine::CommitStatus::unknown,
            .taken = {},
            .error_class = error_class_of(error),
            .error = sentence("it is not known whether the flush was written", error)};
  }
}

std::vector<engine::PlanRow> PostgresStore::ensure_plans(const std::vector<engine::PlanRow>& plans) {
  return with_writer([&](WriterConnection& writer) { return writer.ensure_plans(plans, at_.epoch); });
}

void PostgresStore::purge_flushes() {
  with_writer([&](WriterConnection& writer) { return writer.purge_flushes(at_.commit_seq, at_.epoch), 0; });
}

std::vector<engine::SavedSaga> PostgresStore::load_live(engine::ShardId shard,
                                                        std::optional<engine::SagaId> after,
                                                        std::uint32_t count_max) {
  return with_writer([&](WriterConnection& writer) { return writer.load_live(shard, after, count_max); });
}

std::vector<engine::SavedSaga> PostgresStore::load_due(const std::vector<engine::DueAfter>& after,
                                                       engine::WallTime until, std::uint32_t count_max) {
  return with_writer([&](WriterConnection& writer) { return writer.load_due(after, until, count_max); });
}

std::vector<engine::SavedSaga> PostgresStore::load_sagas(const std::vector<engine::SagaId>& sagas) {
  return with_writer([&](WriterConnection& writer) { return writer.load_sagas(sagas); });
}

}  // namespace amends::postgres
