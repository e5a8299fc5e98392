// Those who start sagas, again and in batches and by SQL, change their minds, and look.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "tests/simulation/people/fleet.hpp"
#include "tests/simulation/people/history.hpp"
#include "tests/simulation/people/senders.hpp"

namespace amends::simulation {

class Clients {
 public:
  Clients(Setting& setting, Witness& witness, Fleet& fleet, Server& server, Senders& senders,
          History& history);

  // Plans all that they will do.
  void begin();
  // Everybody has an answer, or has given up.
  bool are_done() const { return open_ == 0; }

 private:
  struct Wish;  // a saga that somebody wants
  using WishPtr = std::shared_ptr<Wish>;

  void want(std::int64_t number, engine::Micros at);
  void ask_together(const std::vector<WishPtr>& wishes);
  void post(const WishPtr& wish);
  std::optional<engine::PostedStart> call_for(EngineProcess& engine, const WishPtr& wish);
  void hear(const WishPtr& wish, std::uint32_t attempt, const engine::StartReply& reply);
  void wait_for(const WishPtr& wish);
  void ask_again(const WishPtr& wish);
  void give_up(const WishPtr& wish);
  void have(const WishPtr& wish, const engine::SagaId& saga);
  void look(const engine::SagaId& saga);

  Setting& setting_;
  Witness& witness_;
  Fleet& fleet_;
  Server& server_;
  Senders& senders_;
  History& history_;
  Chance chance_;
  std::int64_t open_ = 0;
};

}  // namespace amends::simulation
