// How a command reaches the owner of its saga: by whoever is asked, or through the store when that one does
// not own it. What engine/service/elsewhere does, without its thread.
#pragma once
#include <functional>
#include <string>

#include "engine/service/elsewhere.hpp"
#include "tests/simulation/people/fleet.hpp"
#include "tests/simulation/people/history.hpp"
#include "tests/simulation/store/server.hpp"

namespace amends::simulation {

class Senders {
 public:
  // Whether it was done, or why not; not called when nobody ever hears.
  using Heard = std::function<void(bool accepted, const std::string& why)>;

  Senders(Setting& setting, Witness& witness, Fleet& fleet, Server& server, History& history)
      : setting_(setting),
        witness_(witness),
        fleet_(fleet),
        server_(server),
        history_(history),
        chance_(setting.chance("senders")) {}

  void send(const std::string& who, const engine::CommandRequest& request, Heard heard = {});

 private:
  void post(engine::CommandCall call, std::size_t record, Heard heard);
  void await_done(const engine::SagaId& command, std::size_t record, Heard heard, int looks_left);
  engine::SagaId draw_id(engine::ShardId shard);

  Setting& setting_;
  Witness& witness_;
  Fleet& fleet_;
  Server& server_;
  History& history_;
  Chance chance_;
};

}  // namespace amends::simulation
