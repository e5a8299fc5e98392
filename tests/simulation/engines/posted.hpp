// Takes in what came through the store, as engine/service/intake does, without its thread. Checked by the
// same code.
#pragma once
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "engine/ports/shared_store.hpp"
#include "engine/runtime/entrance.hpp"
#include "engine/service/intake.hpp"
#include "tests/simulation/base/setting.hpp"

namespace amends::simulation {

class Posted {
 public:
  Posted(Setting& setting, const engine::Clock& clock, const engine::PlanCatalog& catalog,
         engine::Entrance& entrance)
      : setting_(setting), clock_(clock), catalog_(catalog), entrance_(entrance) {}

  // Whether there may be more.
  bool look(engine::SharedStore& store, const std::vector<engine::ShardId>& shards);

 private:
  void take_in(const engine::CommandRow& row, engine::Elapsed read_at);

  Setting& setting_;
  const engine::Clock& clock_;
  const engine::PlanCatalog& catalog_;
  engine::Entrance& entrance_;
  std::set<engine::SagaId> in_hand_;
  std::optional<engine::SagaId> after_;
};

}  // namespace amends::simulation
