// Authors' functions that are to be asked, on their way to whoever asks them.
#pragma once
#include <functional>
#include <optional>
#include <vector>

#include "engine/runtime/messages.hpp"

namespace amends::engine {

// Takes finished jobs in batches. Any thread.
using PrepareSink = std::function<void(std::vector<PrepareResult>)>;

// One thread. The results come by a PrepareSink; perhaps before submit() or tend() returns.
class PrepareQueue {
 public:
  virtual ~PrepareQueue() = default;
  virtual void submit(std::vector<PrepareJob> jobs) = 0;
  // On the caller's own thread, where no author's function is called; nothing where one is: submit it.
  virtual std::optional<PrepareResult> prepare_at_once(const PrepareJob&) { return std::nullopt; }
  // Looks after jobs that take long; call it every few milliseconds while busy().
  virtual void tend() = 0;
  virtual bool busy() const = 0;
};

}  // namespace amends::engine
