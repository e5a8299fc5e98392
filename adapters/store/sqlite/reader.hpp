// One read-only connection with its statements, and the port's reads on it.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "adapters/store/sqlite/connection.hpp"
#include "engine/ports/store.hpp"

namespace amends::sqlite {

// One thread at a time. Everything throws SqliteError.
class ReaderConnection {
 public:
  ReaderConnection(const std::string& path, Connection::Access access, const std::string& vfs);

  std::optional<engine::SagaRow> find_saga(const engine::SagaId& id);
  std::vector<engine::JournalRow> read_journal(const engine::SagaId& id, std::uint32_t after_seq,
                                               std::uint32_t count_max);
  std::vector<engine::Tag> read_tags(const engine::SagaId& id);
  engine::SagaPage list(const engine::SagaFilter& filter, std::optional<engine::SagaId> before,
                        std::uint32_t count_max);
  // Ascending, whatever their state.
  std::vector<engine::SagaRow> list_upwards(const engine::SagaId& after, const engine::SagaId& below,
                                            std::uint32_t count_max);
  std::optional<engine::SagaId> find_start_key(std::string_view workflow, std::string_view key);
  std::vector<engine::PlanRow> plans();
  std::vector<engine::StateCount> counts();
  engine::Sleepers count_sleepers(engine::WallTime until);

  Connection& connection() { return connection_; }

 private:
  // The list statement whose index fits the filter best.
  Statement::Run walk(const engine::SagaFilter& filter, const engine::SagaId& below,
                      const engine::SagaId& from);
  bool has_other_tags(const engine::SagaId& id, const engine::SagaFilter& filter);

  Connection connection_;
  Statement find_saga_, read_journal_, read_tags_, find_start_key_, plans_, counts_, count_sleepers_;
  Statement list_, list_active_, list_ended_badly_, list_tagged_, list_upwards_;
};

}  // namespace amends::sqlite
