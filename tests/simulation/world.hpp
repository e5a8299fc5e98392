// Everything that there is in one run, in the order in which it needs each other.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "tests/simulation/base/hooks.hpp"
#include "tests/simulation/judge/audit.hpp"
#include "tests/simulation/outside/network.hpp"
#include "tests/simulation/people/clients.hpp"
#include "tests/simulation/people/nemesis.hpp"
#include "tests/simulation/people/operators.hpp"

namespace amends::simulation {

class World {
 public:
  World(const Options& options, bool tracing, bool keeps_evidence, bool judges);

  // Until everything is over, or a promise is broken.
  void run();

  const Setting& setting() const { return setting_; }
  const Hooks& hooks() const { return hooks_; }
  const Witness& witness() const { return witness_; }
  const Books& books() const { return books_; }
  const Network& network() const { return network_; }
  const History& history() const { return history_; }
  Server& server() { return server_; }
  const std::vector<engine::PlanPtr>& plans() const { return plans_; }
  engine::WallTime began_at() const { return began_at_; }
  engine::WallTime healed_at() const { return healed_at_; }
  // How long after healing everything must be over.
  engine::Micros converge_max() const;
  bool is_quiescent() const { return over_; }

 private:
  std::vector<std::unique_ptr<EngineProcess>> make_engines();
  void heal();
  void end(std::string broken);
  void look_whether_over();
  bool is_over();

  Setting setting_;
  Hooks hooks_;
  Witness witness_;
  Server server_;
  Books books_;
  Network network_;
  History history_;
  const std::vector<engine::PlanPtr> plans_;
  Fleet fleet_;
  EngineProcess twin_;
  Senders senders_;
  Clients clients_;
  Operators operators_;
  Nemesis nemesis_;
  engine::WallTime began_at_{}, healed_at_{};
  bool over_ = false, done_ = false;
};

}  // namespace amends::simulation
