// The engine's two other threads without threads: the one that waits for the store, and those that run
// authors' functions.
#pragma once
#include <deque>
#include <vector>

#include "engine/runtime/inbox.hpp"
#include "engine/runtime/prepare_call.hpp"
#include "engine/runtime/prepare_queue.hpp"
#include "engine/runtime/store_writer.hpp"
#include "tests/simulation/engines/process.hpp"

namespace amends::simulation {

class WriterDesk final : public engine::WriterQueue {
 public:
  WriterDesk(Process& process, WaitingClock& clock, engine::Store& store, engine::Lease& lease,
             engine::Inbox& inbox);

  void post(engine::WriterJob job) override;

 private:
  void step();
  void go_on_in(engine::Micros time);

  Process& process_;
  WaitingClock& clock_;
  engine::Inbox& inbox_;
  engine::StoreWriter writer_;
  std::deque<engine::WriterJob> jobs_;
  std::vector<engine::WriterReport> reports_;  // of the step in hand
  bool busy_ = false;                          // a step is under way, or will begin
};

class AuthorDesk final : public engine::PrepareQueue {
 public:
  AuthorDesk(Setting& setting, Process& process, const engine::Preparer& authors, engine::FindFacts find,
             engine::Inbox& inbox, const Chance& chance);

  void submit(std::vector<engine::PrepareJob> jobs) override;
  std::optional<engine::PrepareResult> prepare_at_once(const engine::PrepareJob& job) override {
    return engine::ask_nobody(authors_, job, find_);
  }
  // Who takes too long is found out without being looked after.
  void tend() override {}
  bool busy() const override { return false; }

 private:
  void call(engine::PrepareJob job);
  void answer(engine::PrepareResult result, engine::Micros in);

  Setting& setting_;
  Process& process_;
  const engine::Preparer& authors_;
  const engine::FindFacts find_;
  engine::Inbox& inbox_;
  Chance chance_;
};

}  // namespace amends::simulation
