// Everything in the tables, read over a connection of its own that may take its time.
#pragma once
#include <memory>

#include "adapters/store/postgres/connection.hpp"
#include "engine/ports/inspection.hpp"

namespace amends::postgres {

// One thread. Works with the reader's role.
class PostgresInspection : public engine::Inspection {
 public:
  // Nothing is connected before the first read. `address` must outlive this.
  PostgresInspection(const Address& address, engine::Millis answer_limit);
  ~PostgresInspection() override;

  std::vector<engine::ShardId> shards() override;
  std::optional<engine::SagaId> visit(const engine::InspectionRange& range,
                                      engine::InspectionVisitor& visitor) override;
  std::vector<engine::Stray> strays() override;
  std::vector<engine::WriterRow> writers() override;
  // Sessions of Amends in this database beside ours: of engines, and of whoever reads. Those of other roles
  // only where ours may see them.
  std::uint32_t other_sessions();

 private:
  struct Open;

  Connection& connection();
  std::uint32_t shard_count(Connection& at);
  template <typename Read>
  auto reading(Read read);
  void visit_journal(Connection& at, const engine::InspectionRange& range, const engine::SagaId& last,
                     engine::InspectedPage& page);

  const Address& address_;
  const engine::Millis answer_limit_;
  std::unique_ptr<Open> open_;
  std::uint32_t shards_ = 0;       // 0: not asked yet
  std::uint32_t rows_asked_ = 64;  // of the journal at a time: as many as are a few megabytes
};

}  // namespace amends::postgres
