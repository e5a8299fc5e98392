#include "apps/amendsd/rest/front/mailbox.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>
#include <system_error>

namespace amends::rest {

Mailbox::Mailbox() : fd_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
  if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

Mailbox::~Mailbox() {
  ::close(fd_);
}

void Mailbox::post(Message message) {
  bool first;
  {
    std::lock_guard lock(mutex_);
    if (closed_) return;  // `message` is destroyed after the lock is released
    first = messages_.empty();
    messages_.push_back(std::move(message));
  }
  // Later messages ride on the first one's wake: the reader takes all at once.
  if (first) wake();
}

void Mailbox::wake() {
  std::uint64_t one = 1;
  // It fails only when the counter is full, and then the reader is awake anyway.
  [[maybe_unused]] ssize_t written = ::write(fd_, &one, sizeof one);
}

void Mailbox::take(std::vector<Message>& into) {
  into.clear();
  std::lock_guard lock(mutex_);
  into.swap(messages_);
}

void Mailbox::close() {
  std::vector<Message> dropped;
  std::lock_guard lock(mutex_);
  closed_ = true;
  dropped.swap(messages_);
}

}  // namespace amends::rest
