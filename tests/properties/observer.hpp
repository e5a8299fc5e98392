// Watches every decision and throws a sentence when it breaks a promise.
#pragma once
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "engine/lifecycle/decide.hpp"

namespace amends::properties {

struct Broken : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class Observer {
 public:
  explicit Observer(const engine::Plan& plan);

  // `before` as it was when the decision was asked for.
  void decided(engine::Saga before, const engine::Saga& after, const engine::Decision& decision);
  // What is really sent, after its commit.
  void sent(const std::string& key, engine::LegRef leg, const std::string& body);
  void crashed() { ++crashes_; }
  // An attempt of it was not sent, by our own fault.
  void kept_back(engine::LegRef leg) { ++kept_back_[{leg.step, leg.direction}]; }

 private:
  void attempt(const engine::Saga& at, const engine::AttemptEntry& entry);
  void run_attempt(const engine::Saga& at, engine::StepIndex i);
  bool may_be_committed(const engine::Saga& at) const;
  void undo_attempt(const engine::Saga& at, engine::StepIndex i);
  void counted(const engine::Saga& at, const engine::AttemptEntry& entry);
  engine::Millis timeout(const engine::AttemptEntry& entry) const;
  void state_moved(const engine::Saga& at, const engine::SagaEntry& entry);

  const engine::Plan& plan_;
  std::vector<std::vector<bool>> before_;
  std::map<std::string, std::string> bodies_;
  std::map<std::pair<engine::StepIndex, engine::Direction>, std::uint32_t> uncounted_, kept_back_;
  std::uint32_t crashes_ = 0;
};

}  // namespace amends::properties
