// Commands for sagas that another engine owns, and waits for them: they go through the store.
#pragma once
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "engine/ports/clock.hpp"
#include "engine/ports/shared_store.hpp"
#include "engine/runtime/inbox.hpp"
#include "engine/service/answer.hpp"

namespace amends::engine {

// How a command stands in the store. Its result goes as text: it is canonical already.
CommandRow command_row(const SagaId& id, const CommandCall& call, WallTime at);

// Any thread. One thread of its own asks the store for everybody together. Callbacks come from it.
class Elsewhere {
 public:
  using CommandCallback = std::function<void(const Answer<Verdict>&)>;
  using WaitCallback = std::function<void(WaitOutcome)>;

  Elsewhere(SharedStore& store, Clock& clock);
  ~Elsewhere();

  // Answers what its owner decided; after ten seconds, that it is in the store and will be.
  void post(CommandRow row, CommandCallback done);
  // As Engine::wait, by looking every 100 ms.
  void wait(const SagaId& saga, Elapsed until, WaitCallback done);
  // Answers everybody, and takes nobody in any more. Safe twice.
  void stop();

 private:
  struct Command {
    CommandRow row;
    CommandCallback done;
    bool posted = false;
    Elapsed until{};
  };
  struct Waiting {
    SagaId saga;
    Elapsed until{};
    WaitCallback done;
  };

  void run();
  void tend_commands();
  void tend_waits();

  SharedStore& store_;
  Clock& clock_;

  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Command> new_commands_;
  std::vector<Waiting> new_waits_;
  bool stopping_ = false;

  // The thread's own.
  std::vector<Command> commands_;
  std::vector<Waiting> waits_;
  std::thread thread_;
};

}  // namespace amends::engine
