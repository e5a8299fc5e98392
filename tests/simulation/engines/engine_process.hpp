// One engine of the simulated world: the real loop, shard, writer, lease and intake, over a connection that
// may break and a network that may lose everything. Its machine outlives it.
#pragma once
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/ports/observer.hpp"
#include "engine/runtime/entrance.hpp"
#include "engine/runtime/loop.hpp"
#include "engine/runtime/plan_admission.hpp"
#include "engine/service/requests.hpp"
#include "engine/service/retiring.hpp"
#include "tests/simulation/engines/desks.hpp"
#include "tests/simulation/engines/process.hpp"
#include "tests/simulation/outside/network_adapter.hpp"
#include "tests/simulation/people/workflows.hpp"
#include "tests/simulation/store/sim_store.hpp"

namespace amends::simulation {

class EngineProcess final : public Process {
 public:
  EngineProcess(Setting& setting, Server& server, Witness& witness, Network& network, std::string name,
                std::vector<engine::PlanPtr> plans);
  ~EngineProcess() override;

  // ---- what becomes of it ----
  // Tries to begin; when the store is not to be had, the process ends again.
  void start(bool misses_a_plan);
  void crash();
  void hand_over();  // SIGTERM
  void wake() override;

  bool is_up() const { return running_ != nullptr; }
  bool is_leaving() const;
  // Whether it has all plans of the run.
  bool is_whole() const;

  // ---- what clients ask; a callback is called at most once, and never when the engine dies first ----
  engine::Answer<engine::StartCall> check(const engine::StartRequest& request) const;
  void start_sagas(std::vector<engine::PostedStart> starts);
  void command(engine::CommandCall call, std::function<void(const engine::CommandReply&)> answer);
  bool owns(engine::ShardId shard) const;
  struct LookedUp {
    bool answered = false;  // else the store could not be read
    std::optional<engine::SagaRow> row;
  };
  LookedUp look_up(const engine::SagaId& saga);

 private:
  struct Running;
  void turn();
  void turn_in(engine::Micros time);
  void take_hint();
  void keep_looking();
  bool look_for_commands();
  void retire();
  void end();

  Server& server_;
  Witness& witness_;
  Network& network_;
  const std::vector<engine::PlanPtr> plans_;
  const Authors authors_;
  Chance chance_;
  std::uint64_t incarnations_ = 0;
  std::unique_ptr<Running> running_;
};

}  // namespace amends::simulation
