// The life of a request on its connection.
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "apps/amendsd/rest/front/reader.hpp"

namespace amends::rest {
namespace {

Answer overloaded(const char* slug, const char* detail) {
  Answer answer = problem({503, slug, "Overloaded", detail});
  answer.headers.push_back({"Retry-After", "1"});
  return answer;
}

}  // namespace

void Reader::read(Connection& c, bool to_the_end) {
  constexpr int turn_max = 8;  // chunks; a fast sender must not keep the others waiting
  for (int i = 0; i < turn_max; ++i) {
    ssize_t n = ::recv(c.fd, scratch_->data(), scratch_->size(), MSG_DONTWAIT);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
    if (n <= 0) return close(c);

    if (c.in.empty() && !c.head) {
      c.request_deadline = now_ + options_.request_timeout;
      arm(c, std::min(now_ + options_.head_timeout, c.request_deadline));
    }
    c.in.append(scratch_->data(), static_cast<std::size_t>(n));
    bool whole_chunk = static_cast<std::size_t>(n) == scratch_->size();
    advance(c, whole_chunk);
    if (c.phase != Phase::reading) {
      c.half_closed |= to_the_end;
      c.close_after |= to_the_end;
      return;
    }
    // A short read has emptied the socket; a later byte is a new edge.
    if (!whole_chunk && !to_the_end) return;
  }
  read_again_.push_back(c.id);
}

// Goes as far as the bytes in `in` allow. `more_waits`: the socket may hold more.
void Reader::advance(Connection& c, bool more_waits) {
  if (!c.head) {
    ParsedHead parsed = parse_head(c.in, options_.limits);
    if (std::holds_alternative<NeedMore>(parsed)) return;
    if (auto* problem_found = std::get_if<Problem>(&parsed)) return refuse(c, *problem_found);
    c.head = std::move(std::get<Request>(parsed));
    announced_bytes_ += c.head->content_length;
    if (announced_bytes_ > options_.pending_bodies_bytes_max) {
      c.close_after = true;  // its body stays unread
      release_body(c);
      return reply(c, overloaded("too-many-bodies", "Too many request bodies are arriving at once."));
    }
    c.in.erase(0, c.head->head_bytes);
    arm(c, c.request_deadline);
  }
  if (c.in.size() < c.head->content_length) return;
  if (c.in.size() > c.head->content_length || (more_waits && c.peek() == Received::some))
    return refuse(c, {400, "pipelining-not-supported", "Pipelining not supported",
                      "Bytes follow the request. Wait for an answer before sending the next request."});
  hand_over(c);
}

void Reader::hand_over(Connection& c) {
  Request request = std::move(*c.head);
  release_body(c);
  request.body = std::exchange(c.in, {});
  c.head_only = request.method == "HEAD";
  c.close_after |= !request.keep_alive;
  c.deadline = Instant::max();
  if (room_ == 0) return reply(c, overloaded("queue-full", "Too many requests wait to be served."));
  --room_;
  c.phase = Phase::in_work;
  c.pending = std::make_shared<Pending>(mailbox_, c.id);
  batch_.push_back({.pending = c.pending, .request = std::move(request), .peer = c.peer});
}

// The rest of the request, if any, is never looked at: where it ends is not known.
void Reader::refuse(Connection& c, const Problem& what) {
  c.close_after = true;
  reply(c, problem(what));
}

void Reader::reply(Connection& c, const Answer& answer) {
  release_body(c);
  c.in = {};
  c.pending.reset();
  c.on_timeout = nullptr;
  c.close_after |= draining_;
  c.out = writer_.write(answer, {.close = c.close_after, .head_only = c.head_only}, wall_);
  c.out_sent = 0;
  c.phase = Phase::writing;
  c.deadline = Instant::max();
  write_on(c);
  if (c.phase == Phase::writing) arm(c, now_ + options_.write_timeout);
}

void Reader::write_on(Connection& c) {
  if (!c.send()) return close(c);
  if (!c.sent()) return;
  c.out = {};
  c.head_only = false;
  if (c.close_after) return linger(c);
  c.phase = Phase::reading;
  arm(c, now_ + options_.idle_timeout);
}

// Closing at once, with bytes unread, would make the kernel reset the connection, and the reset can overtake
// the answer (RFC 9112, section 9.6). So: say that nothing more comes, and read off what the client still
// sends.
void Reader::linger(Connection& c) {
  c.shut_sending();
  c.phase = Phase::lingering;
  arm(c, now_ + options_.linger);
  read_off(c);
}

void Reader::read_off(Connection& c) {
  constexpr std::size_t turn_bytes = 1 << 20;
  switch (c.discard(turn_bytes)) {
    case Received::some: read_again_.push_back(c.id); return;
    case Received::nothing: return;
    case Received::ended: return close(c);
  }
}

void Reader::release_body(Connection& c) {
  if (!c.head) return;
  announced_bytes_ -= c.head->content_length;
  c.head.reset();
}

}  // namespace amends::rest
