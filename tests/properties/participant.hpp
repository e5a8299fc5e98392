// The other side of one step: it alone knows what really happened.
#pragma once
#include <map>
#include <string>

#include "engine/definition/outcome.hpp"
#include "engine/definition/request.hpp"
#include "tests/properties/tape.hpp"

namespace amends::properties {

class Participant {
 public:
  Participant() = default;
  Participant(bool reads_only, Tape& tape);

  const engine::EndpointFacts& facts(engine::Direction d) const {
    return d == engine::Direction::run ? run_ : undo_;
  }

  // A request arrives. `willing`: whether it does what it is asked, should that be new to it.
  engine::Reply receive(engine::Direction direction, const std::string& key, engine::WallTime now,
                        bool willing);

  int standing() const { return standing_; }  // effects that stand
  int undone() const { return undone_; }      // times that an undo was carried out, not recognised
  int refused_late() const { return refused_late_; }

 private:
  struct Known {
    engine::Reply reply;
    engine::WallTime since;
  };
  engine::Reply receive_run(bool willing);
  engine::Reply receive_undo(bool willing);

  bool reads_only_ = false;
  engine::EndpointFacts run_, undo_;
  std::map<std::string, Known> known_;
  int standing_ = 0, undone_ = 0, refused_late_ = 0;
  bool barrier_closed_ = false;
};

}  // namespace amends::properties
