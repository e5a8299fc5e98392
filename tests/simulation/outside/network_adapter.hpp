// The HTTP adapter of one incarnation of an engine, with the network's simulation in place of libcurl: it
// asks the lease and the clock where the real one does, and what comes back is classified by the real one's
// code.
#pragma once
#include <map>
#include <string>

#include "engine/ports/effect.hpp"
#include "tests/simulation/engines/process.hpp"
#include "tests/simulation/judge/witness.hpp"
#include "tests/simulation/outside/network.hpp"

namespace amends::simulation {

class NetworkAdapter final : public engine::EffectAdapter {
 public:
  NetworkAdapter(Setting& setting, Network& network, Witness& witness, Process& process,
                 const Chance& chance);

  std::string_view name() const override { return "http"; }
  const engine::EndpointFacts* find_endpoint(std::string_view endpoint) const override;
  void submit(std::vector<engine::Attempt> attempts, engine::ReplySink& sink) override;
  // Cuts at once what is in flight.
  void stop(engine::Millis limit) override;
  std::size_t in_flight() const override { return calls_.size(); }

 private:
  struct Call {
    engine::Attempt attempt;
    engine::ReplySink* sink = nullptr;
    std::size_t record = 0;
    bool sent = false;
  };
  void send(std::uint64_t number);
  void answer(std::uint64_t number, http::Exchange exchange);
  void end(std::uint64_t number, http::Ending ending);

  Setting& setting_;
  Network& network_;
  Witness& witness_;
  Process& process_;
  Chance chance_;
  std::map<std::string, engine::EndpointFacts, std::less<>> facts_;
  std::map<std::uint64_t, Call> calls_;
  std::uint64_t numbers_ = 0;
  bool stopping_ = false;
};

}  // namespace amends::simulation
