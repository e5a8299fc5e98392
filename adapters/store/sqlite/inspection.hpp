// Everything in the file, read over a connection of its own.
#pragma once
#include <memory>
#include <string>

#include "adapters/store/sqlite/connection.hpp"
#include "engine/ports/inspection.hpp"

namespace amends::sqlite {

// One thread. A column may hold whatever somebody wrote there: it is shown as unreadable.
class SqliteInspection : public engine::Inspection {
 public:
  // Nothing is opened before the first read.
  SqliteInspection(std::string path, std::string vfs) : path_(std::move(path)), vfs_(std::move(vfs)) {}

  std::vector<engine::ShardId> shards() override { return {0}; }
  std::optional<engine::SagaId> visit(const engine::InspectionRange& range,
                                      engine::InspectionVisitor& visitor) override;
  std::vector<engine::Stray> strays() override;
  std::vector<engine::WriterRow> writers() override;

 private:
  Connection& connection();
  template <typename Read>
  auto reading(Read read);

  const std::string path_, vfs_;
  std::unique_ptr<Connection> connection_;
  bool is_immutable_ = false;
};

}  // namespace amends::sqlite
