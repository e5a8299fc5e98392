// What workers and the engine tell the reader: answers and waits, in order, with one wake for many.
#pragma once
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "apps/amendsd/rest/front/answer.hpp"
#include "apps/amendsd/rest/front/exchange.hpp"

namespace amends::rest {

struct Message {
  std::shared_ptr<Pending> pending;
  std::optional<Answer> answer = std::nullopt;     // either this
  std::optional<ParkOptions> park = std::nullopt;  // or this
};

// Any thread posts; the reader takes.
class Mailbox {
 public:
  Mailbox();
  ~Mailbox();
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  void post(Message message);
  // Wakes the reader without a message.
  void wake();
  // Everything posted so far; `into` is emptied first.
  void take(std::vector<Message>& into);
  // From now on messages are dropped: nobody reads them.
  void close();
  // Readable when there is something to take.
  int fd() const { return fd_; }

 private:
  int fd_;
  std::mutex mutex_;
  std::vector<Message> messages_;
  bool closed_ = false;
};

}  // namespace amends::rest
