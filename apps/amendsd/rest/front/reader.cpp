#include "apps/amendsd/rest/front/reader.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

namespace amends::rest {
namespace {

constexpr std::uint64_t listener_id = 0, mailbox_id = 1;
constexpr auto sweep_pause = std::chrono::milliseconds(5);
constexpr auto accept_pause = std::chrono::milliseconds(100);

Answer wait_is_up() {
  return problem(
      {504, "wait-is-up", "Not finished in time", "The answer did not come within the time asked for."});
}

}  // namespace

Reader::Reader(const FrontOptions& options, Listener& listener, Workers& workers,
               std::shared_ptr<Mailbox> mailbox)
    : options_(options),
      listener_(listener),
      workers_(workers),
      mailbox_(std::move(mailbox)),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)),
      scratch_(std::make_unique<std::array<char, 64 << 10>>()) {
  // The mailbox edge-triggered, so that its counter need not be read: each write to it is an edge.
  if (epoll_ < 0 || !watch(listener_.fd(), listener_id, EPOLLIN) ||
      !watch(mailbox_->fd(), mailbox_id, EPOLLIN | EPOLLET))
    throw std::system_error(errno, std::generic_category(), "epoll");
}

Reader::~Reader() {
  connections_.clear();
  ::close(epoll_);
}

void Reader::begin_drain() {
  drain_asked_ = true;
  mailbox_->wake();
}

void Reader::run() {
  std::array<epoll_event, 512> events;
  for (;;) {
    int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), wait_ms());
    now_ = std::chrono::steady_clock::now();
    wall_ = ::time(nullptr);
    room_ = workers_.room();

    bool mail = false;
    for (int i = 0; i < count; ++i) {
      std::uint64_t id = events[i].data.u64;
      if (id == mailbox_id) {
        mail = true;
      } else if (id == listener_id) {
        accept_all();
      } else if (auto found = connections_.find(id); found != connections_.end()) {
        handle_event(*found->second, events[i].events);
      }
    }
    for (std::uint64_t id : std::exchange(read_again_, {}))
      if (auto found = connections_.find(id); found != connections_.end())
        handle_event(*found->second, EPOLLIN);
    if (mail) take_messages();
    if (drain_asked_ && !draining_) drain_connections();
    if (now_ >= next_sweep_) sweep();
    workers_.submit(batch_);
    for (std::uint64_t id : std::exchange(closed_, {})) connections_.erase(id);
    if (draining_ && drained()) break;
  }
  abandon_rest();
}

int Reader::wait_ms() const {
  if (!read_again_.empty()) return 0;
  Instant until = std::min({next_sweep_, accept_again_, drain_deadline_});
  if (until == Instant::max()) return -1;
  auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
  return static_cast<int>(std::clamp<decltype(left)>(left, 0, 60'000));
}

bool Reader::watch(int fd, std::uint64_t id, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = id;
  return ::epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) == 0;
}

void Reader::accept_all() {
  constexpr int turn_max = 256;  // so that a storm of connections leaves time for those that are there
  for (int i = 0; i < turn_max; ++i) {
    Accepted accepted;
    switch (listener_.accept(accepted)) {
      case AcceptStatus::none: return;
      case AcceptStatus::out_of_resources:
        // The listener stays readable: without the pause the loop would spin until a descriptor is free.
        ::epoll_ctl(epoll_, EPOLL_CTL_DEL, listener_.fd(), nullptr);
        accept_again_ = now_ + accept_pause;
        arm_sweep(accept_again_);
        return;
      case AcceptStatus::accepted: break;
    }
    std::uint64_t id = next_id_++;
    auto connection = std::make_unique<Connection>(accepted.fd, id, std::move(accepted.peer));
    if (connections_.size() >= options_.connections_max ||
        !watch(accepted.fd, id, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET)) {
      turn_away(*connection);
      continue;
    }
    arm(*connection, now_ + options_.idle_timeout);
    connections_.emplace(id, std::move(connection));
  }
}

void Reader::turn_away(Connection& c) {
  Answer answer = problem({503, "too-many-connections", "Too many connections", "Try again later."});
  answer.headers.push_back({"Retry-After", "1"});
  c.out = writer_.write(answer, {.close = true}, wall_);
  c.send();
  c.shut_sending();
  c.discard(options_.limits.head_bytes_max);
}

void Reader::handle_event(Connection& c, std::uint32_t events) {
  bool gone = events & (EPOLLERR | EPOLLHUP), ended = events & EPOLLRDHUP;
  switch (c.phase) {
    case Phase::reading:
      if (gone) return close(c);
      if (events & (EPOLLIN | EPOLLRDHUP)) read(c, ended);
      return;
    case Phase::in_work:
      if (gone || (ended && c.pending->parked())) return close(c);
      c.half_closed |= ended;
      // Bytes before the answer are a pipelined request: the answer in work is the connection's last.
      c.close_after |= ended || ((events & EPOLLIN) && c.peek() == Received::some);
      return;
    case Phase::writing:
      if (gone) return close(c);
      c.close_after |= ended || ((events & EPOLLIN) && c.peek() == Received::some);
      if (events & EPOLLOUT) write_on(c);
      return;
    case Phase::lingering: return read_off(c);
    case Phase::closed: return;
  }
}

void Reader::take_messages() {
  mailbox_->take(messages_);
  for (Message& message : messages_) {
    auto found = connections_.find(message.pending->connection());
    if (found == connections_.end()) continue;
    Connection& c = *found->second;
    if (c.phase != Phase::in_work || c.pending != message.pending) continue;
    if (message.answer) {
      reply(c, *message.answer);
    } else if (c.half_closed) {
      close(c);
    } else {
      c.on_timeout = message.park->on_timeout ? std::move(message.park->on_timeout) : wait_is_up;
      if (draining_)
        expire(c);
      else if (message.park->wait_max)
        arm(c, now_ + *message.park->wait_max);
    }
  }
  messages_.clear();
}

void Reader::arm(Connection& c, Instant deadline) {
  c.deadline = deadline;
  arm_sweep(deadline);
}

void Reader::arm_sweep(Instant deadline) {
  next_sweep_ = std::min(next_sweep_, deadline);
}

// All connections are looked at, but only when the earliest deadline that was ever set has come: keep-alive
// connections move theirs with every request, which must cost nothing.
void Reader::sweep() {
  if (now_ >= accept_again_) {
    bool watched = listener_.fd() < 0 || watch(listener_.fd(), listener_id, EPOLLIN);
    accept_again_ = watched ? Instant::max() : now_ + accept_pause;
  }
  next_sweep_ = accept_again_;
  Instant earliest = Instant::max();
  for (auto& [id, c] : connections_) {
    if (c->deadline <= now_) expire(*c);
    earliest = std::min(earliest, c->deadline);
  }
  if (earliest != Instant::max()) arm_sweep(std::max(earliest, now_ + sweep_pause));
}

void Reader::expire(Connection& c) {
  c.deadline = Instant::max();
  switch (c.phase) {
    case Phase::reading:
      if (c.in.empty() && !c.head) return close(c);
      return refuse(c, {408, "request-timeout", "Request timeout", "The request did not arrive in time."});
    case Phase::in_work:
      if (c.on_timeout)
        batch_.push_back({.pending = c.pending, .on_timeout = std::exchange(c.on_timeout, nullptr)});
      return;
    case Phase::writing:
    case Phase::lingering: return close(c);
    case Phase::closed: return;
  }
}

void Reader::close(Connection& c) {
  if (c.phase == Phase::closed) return;
  release_body(c);
  if (c.pending) c.pending->settle();  // whoever holds it parked learns that nobody waits
  c.phase = Phase::closed;
  c.deadline = Instant::max();
  c.on_timeout = nullptr;
  closed_.push_back(c.id);  // erased at the end of the turn: callers still hold a reference
}

void Reader::drain_connections() {
  draining_ = true;
  drain_deadline_ = now_ + options_.drain;
  listener_.close();
  for (auto& [id, c] : connections_) {
    if (c->phase == Phase::reading) close(*c);
    if (c->phase == Phase::in_work) expire(*c);  // who waits for an end is answered with what there is now
  }
}

bool Reader::drained() const {
  if (now_ >= drain_deadline_) return true;
  return std::none_of(connections_.begin(), connections_.end(), [](const auto& entry) {
    return entry.second->phase == Phase::in_work || entry.second->phase == Phase::writing;
  });
}

void Reader::abandon_rest() {
  for (auto& [id, c] : connections_) {
    if (c->phase != Phase::in_work || !c->pending->settle()) continue;
    reply(*c, problem({503, "shutting-down", "Shutting down",
                       "The server stops. It is not known whether the request took effect."}));
  }
  connections_.clear();
}

}  // namespace amends::rest
