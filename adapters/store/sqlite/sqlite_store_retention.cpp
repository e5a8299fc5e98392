// What has had its time leaves, by the one writer, between two flushes.
#include "adapters/store/sqlite/sqlite_store.hpp"

namespace amends::sqlite {

engine::EndedPage SqliteStore::find_ended(engine::ShardId shard, std::optional<engine::SagaId> after,
                                          engine::WallTime ended_before, std::uint32_t looked_max,
                                          bool whole) {
  if (shard != 0) return {};
  return readers_.with_reader([&](ReaderConnection& reader) {
    engine::EndedPage page;
    const auto looked = reader.list_upwards(after.value_or(engine::SagaId{}),
                                            engine::first_id_after(ended_before, shard), looked_max);
    for (const engine::SagaRow& row : looked) {
      if (row.active || row.updated_at >= ended_before) continue;
      engine::EndedSaga& one = page.sagas.emplace_back(engine::EndedSaga{row, {}, {}});
      if (!whole) continue;
      one.tags = reader.read_tags(row.id);
      one.journal = reader.read_journal(row.id, 0, ~std::uint32_t{0});
    }
    if (!looked.empty() && looked.size() == looked_max) page.more = looked.back().id;
    return page;
  });
}

std::uint32_t SqliteStore::retire(const std::vector<engine::SagaId>& sagas) {
  return with_writer([&](WriterConnection& writer) { return writer.retire(sagas, at_.epoch); });
}

void SqliteStore::keep_keys(const std::vector<engine::KeptKey>& keys) {
  with_writer([&](WriterConnection& writer) { writer.keep_keys(keys, at_.epoch); });
}

std::uint32_t SqliteStore::forget_keys(engine::WallTime now, engine::WallTime ended_before,
                                       std::uint32_t count_max) {
  return with_writer(
      [&](WriterConnection& writer) { return writer.forget_keys(now, ended_before, count_max, at_.epoch); });
}

std::uint32_t SqliteStore::forget_commands(const std::vector<engine::ShardId>&, engine::WallTime,
                                           std::uint32_t) {
  return 0;  // there are none: every command is given to the one engine
}

}  // namespace amends::sqlite
