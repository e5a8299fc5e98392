// A saga, its participants, the network between them, a store that keeps what was flushed, and an operator.
// Everything that happens is drawn from a tape; what was promised is checked at every decision.
#pragma once
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/lifecycle/decide.hpp"
#include "engine/ports/store.hpp"
#include "tests/properties/observer.hpp"
#include "tests/properties/participant.hpp"

namespace amends::properties {

class World {
 public:
  World(engine::Lifecycle& lifecycle, Tape& tape);

  // Trouble until the tape ends, then everything heals; returns when the saga is over and the network quiet.
  // Throws Broken, with the plan and the journal, when a promise is broken.
  void run();

  const engine::Saga& saga() const { return saga_; }

 private:
  struct Row {
    engine::WallTime at;
    std::string text;
  };
  // A request under way, or one that arrived and whose answer nobody waits for.
  struct Message {
    engine::LegRef leg;
    std::uint32_t number = 0;
    std::string key;
    engine::WallTime not_after;
    bool arrived = false;
    engine::Reply answer;
  };

  // ---- world.cpp: deciding, journalling, crashing
  void decide(decltype(engine::Event::what) what);
  void journal(const engine::Decision& decision);
  void flush();
  void crash();
  void start();
  void hold_live() const;
  [[noreturn]] void broken(const std::string& sentence) const;

  // ---- trouble.cpp: what can go wrong
  void trouble();
  void tick();
  void prepare(bool healthy);
  void answer(bool healthy);
  void answer_with(const Message& message, engine::Reply reply);
  void ring();
  void echo();
  void stray();
  void command();
  bool is_quiet(engine::StepIndex step) const;

  // ---- healing.cpp: how it ends
  void heal();
  void ask_operator();
  bool give(engine::Verb verb, engine::StepIndex step, bool happened);
  void let_strays_pass();
  void hold_end() const;

  // ---- verified.cpp
  void hold_verified() const;
  void hold_damaged(const engine::SagaRow& row, const std::vector<engine::JournalRow>& journal) const;

  engine::Reply arrive(Message& message, bool willing);

  engine::Lifecycle& lifecycle_;
  Tape& tape_;
  engine::PlanPtr plan_;
  std::vector<Participant> participants_;
  Observer observer_;

  engine::WallTime now_{engine::Micros(1'700'000'000'000'000)};
  engine::Saga saga_;
  engine::FoldedSaga folded_;
  std::vector<Row> rows_;
  std::size_t durable_ = 0;
  std::vector<Message> unsent_, in_flight_, strays_, echoes_;
  std::vector<engine::LegRef> preparing_;
  std::vector<engine::Timer> timers_, rung_;
  std::vector<bool> left_by_operator_;
  std::uint32_t bodies_ = 0, commands_ = 0;
};

}  // namespace amends::properties
