#include "adapters/store/postgres/postgres_store.hpp"

namespace amends::postgres {

std::optional<engine::SagaRow> PostgresStore::find_saga(const engine::SagaId& id) {
  return readers_.with_reader([&](ReaderConnection& reader) { return reader.find_saga(id); });
}

std::vector<engine::JournalRow> PostgresStore::read_journal(const engine::SagaId& id, std::uint32_t after_seq,
                                                            std::uint32_t count_max) {
  return readers_.with_reader(
      [&](ReaderConnection& reader) { return reader.read_journal(id, after_seq, count_max); });
}

std::vector<engine::Tag> PostgresStore::read_tags(const engine::SagaId& id) {
  return readers_.with_reader([&](ReaderConnection& reader) { return reader.read_tags(id); });
}

engine::SagaPage PostgresStore::list(const engine::SagaFilter& filter, std::optional<engine::SagaId> before,
                                     std::uint32_t count_max) {
  return readers_.with_reader(
      [&](ReaderConnection& reader) { return reader.list(filter, before, count_max); });
}

std::optional<engine::SagaId> PostgresStore::find_start_key(std::string_view workflow, std::string_view key) {
  return readers_.with_reader([&](ReaderConnection& reader) { return reader.find_start_key(workflow, key); });
}

std::vector<engine::PlanRow> PostgresStore::plans() {
  return readers_.with_reader([](ReaderConnection& reader) { return reader.plans(); });
}

std::vector<engine::StateCount> PostgresStore::counts() {
  return readers_.with_reader([](ReaderConnection& reader) { return reader.counts(); });
}

engine::Sleepers PostgresStore::count_sleepers(const std::vector<engine::ShardId>& shards,
                                               engine::WallTime until) {
  return readers_.with_reader([&](ReaderConnection& reader) { return reader.count_sleepers(shards, until); });
}

}  // namespace amends::postgres
