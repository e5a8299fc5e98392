// Who makes trouble for as long as trouble lasts, and the supervisor who starts again what has ended.
//
// To add a fault that comes with time: a kind in base/faults, and a line in trouble().
#pragma once
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "tests/simulation/outside/network.hpp"
#include "tests/simulation/people/fleet.hpp"
#include "tests/simulation/store/server.hpp"

namespace amends::simulation {

class Nemesis {
 public:
  // `twin` is a second process with the id of the first engine.
  Nemesis(Setting& setting, Fleet& fleet, Server& server, Network& network, EngineProcess& twin)
      : setting_(setting),
        fleet_(fleet),
        server_(server),
        network_(network),
        twin_(twin),
        chance_(setting.chance("nemesis")) {}

  // Starts all engines, and makes trouble until heal().
  void begin();
  // Everything runs, all clocks are right, all plugins are there.
  void heal();

 private:
  void tick();
  void trouble();
  void supervise();
  bool now(Fault fault);
  EngineProcess* somebody();

  Setting& setting_;
  Fleet& fleet_;
  Server& server_;
  Network& network_;
  EngineProcess& twin_;
  Chance chance_;
  std::set<const EngineProcess*> coming_;  // will be started again
};

}  // namespace amends::simulation
