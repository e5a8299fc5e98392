#include <algorithm>

#include "adapters/store/sqlite/sqlite_store.hpp"

namespace amends::sqlite {

std::optional<engine::SagaRow> SqliteStore::find_saga(const engine::SagaId& id) {
  return readers_.with_reader([&](ReaderConnection& reader) { return reader.find_saga(id); });
}

std::vector<engine::JournalRow> SqliteStore::read_journal(const engine::SagaId& id, std::uint32_t after_seq,
                                                          std::uint32_t count_max) {
  return readers_.with_reader(
      [&](ReaderConnection& reader) { return reader.read_journal(id, after_seq, count_max); });
}

std::vector<engine::Tag> SqliteStore::read_tags(const engine::SagaId& id) {
  return readers_.with_reader([&](ReaderConnection& reader) { return reader.read_tags(id); });
}

engine::SagaPage SqliteStore::list(const engine::SagaFilter& filter, std::optional<engine::SagaId> before,
                                   std::uint32_t count_max) {
  return readers_.with_reader(
      [&](ReaderConnection& reader) { return reader.list(filter, before, count_max); });
}

std::optional<engine::SagaId> SqliteStore::find_start_key(std::string_view workflow, std::string_view key) {
  return readers_.with_reader([&](ReaderConnection& reader) { return reader.find_start_key(workflow, key); });
}

std::vector<engine::PlanRow> SqliteStore::plans() {
  return readers_.with_reader([](ReaderConnection& reader) { return reader.plans(); });
}

std::vector<engine::StateCount> SqliteStore::counts() {
  return readers_.with_reader([](ReaderConnection& reader) { return reader.counts(); });
}

engine::Sleepers SqliteStore::count_sleepers(const std::vector<engine::ShardId>& shards,
                                             engine::WallTime until) {
  if (std::find(shards.begin(), shards.end(), engine::ShardId{0}) == shards.end()) return {};
  return readers_.with_reader([&](ReaderConnection& reader) { return reader.count_sleepers(until); });
}

}  // namespace amends::sqlite
