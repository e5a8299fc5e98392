// People who look after the sagas that need them. They look at the participants' books before they say what
// happened, and do not lie.
#pragma once
#include <map>

#include "tests/simulation/outside/network.hpp"
#include "tests/simulation/people/senders.hpp"

namespace amends::simulation {

class Operators {
 public:
  Operators(Setting& setting, const Witness& witness, const Network& network, const Books& books,
            Senders& senders)
      : setting_(setting),
        witness_(witness),
        network_(network),
        books_(books),
        senders_(senders),
        chance_(setting.chance("operators")) {}

  // They look now and then; once all is well again, at all there is.
  void begin();

 private:
  void look();
  void help(const Story& story);
  bool knows(const Story& story, engine::StepIndex step) const;
  engine::CommandRequest resolve(const Story& story, engine::StepIndex step) const;

  Setting& setting_;
  const Witness& witness_;
  const Network& network_;
  const Books& books_;
  Senders& senders_;
  Chance chance_;
  std::map<engine::SagaId, std::uint32_t> refused_;  // how often in a row
};

}  // namespace amends::simulation
