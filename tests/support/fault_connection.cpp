#include "tests/support/fault_connection.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

namespace amends::testing_support {
namespace {

// The tail of every answer of PostgreSQL: ReadyForQuery.
constexpr std::string_view answer_end{"Z\0\0\0\5", 5};

}  // namespace

std::optional<std::size_t> FaultConnection::Scan::find(const FaultPoint& point, std::string_view bytes) {
  std::size_t from = 0;
  if (!passed && !point.text.empty()) {
    const std::string both = tail + std::string(bytes);
    const auto at = both.find(point.text);
    if (at == std::string::npos) {
      tail = both.substr(both.size() - std::min(both.size(), point.text.size() - 1));
      return std::nullopt;
    }
    from = at + point.text.size() - tail.size();
  }
  const std::size_t missing = point.bytes_after - passed.value_or(0);
  if (bytes.size() - from >= missing) return from + missing;
  passed = passed.value_or(0) + bytes.size() - from;
  return std::nullopt;
}

FaultConnection::FaultConnection(int client, int server) {
  halves_[0].from = client;
  halves_[1].from = server;
}

FaultConnection::~FaultConnection() {
  for (const Half& one : halves_) ::close(one.from);
}

std::array<pollfd, 2> FaultConnection::wishes(bool is_stalled, Clock::time_point now) const {
  std::array<pollfd, 2> out{};
  for (std::size_t i = 0; i < 2; ++i) {
    const Half& from = halves_[i];
    const Half& back = halves_[1 - i];
    // A negative number is not looked at; without it, a closed side would wake us for ever.
    const bool reads = !from.has_ended && fault_ != FaultAction::stall;
    const bool writes = !back.waiting.empty() && back.waiting.front().due <= now;
    out[i].fd = is_stalled || (!reads && !writes) ? -1 : from.from;
    out[i].events = static_cast<short>((reads ? POLLIN : 0) | (writes ? POLLOUT : 0));
  }
  return out;
}

void FaultConnection::take(std::optional<ArmedFault>& armed, std::chrono::milliseconds delay) {
  for (const Way way : {Way::to_server, Way::to_client}) {
    if (fault_ != FaultAction::stall && !half(way).has_ended) take_from(way, armed, delay);
  }
}

void FaultConnection::take_from(Way way, std::optional<ArmedFault>& armed, std::chrono::milliseconds delay) {
  std::array<char, 64 * 1024> buffer;
  Half& from = half(way);
  const ssize_t count = ::recv(from.from, buffer.data(), buffer.size(), MSG_DONTWAIT);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count <= 0) {
    from.has_ended = true;
    return;
  }
  const std::string_view bytes(buffer.data(), static_cast<std::size_t>(count));
  const std::size_t passed = pass_up_to(way, bytes, armed);
  if (passed > 0) from.waiting.push_back({Clock::now() + delay, std::string(bytes.substr(0, passed))});
  if (fault_ == FaultAction::stall) from.held = bytes.substr(passed);
}

// How many of the bytes are passed on.
std::size_t FaultConnection::pass_up_to(Way way, std::string_view bytes, std::optional<ArmedFault>& armed) {
  if (fault_ == FaultAction::cut) return 0;
  if (fault_ == FaultAction::swallow_answer && way == Way::to_client) {
    swallowed_ += bytes;
    has_answer_ = swallowed_.find(answer_end) != std::string::npos;
    return 0;
  }
  if (fault_ || !armed || armed->point.way != way) return bytes.size();
  const auto before = scan_.find(armed->point, bytes);
  if (!before) return bytes.size();
  fault_ = armed->action;
  armed.reset();
  is_hit_ = true;
  return fault_ == FaultAction::swallow_answer ? bytes.size() : *before;
}

void FaultConnection::pass_on(Clock::time_point now) {
  for (std::size_t i = 0; i < 2; ++i) {
    auto& waiting = halves_[i].waiting;
    while (!waiting.empty() && waiting.front().due <= now) {
      std::string& bytes = waiting.front().bytes;
      const ssize_t count =
          ::send(halves_[1 - i].from, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
      if (count < 0 && errno == EAGAIN) break;
      if (count < 0) {
        halves_[1 - i].has_ended = true;
        waiting.clear();
        break;
      }
      bytes.erase(0, static_cast<std::size_t>(count));
      if (!bytes.empty()) break;
      waiting.pop_front();
    }
  }
}

bool FaultConnection::is_over() const {
  const bool is_empty = halves_[0].waiting.empty() && halves_[1].waiting.empty();
  if (fault_ == FaultAction::cut) return is_empty;
  if (fault_ == FaultAction::swallow_answer && has_answer_) return true;
  if (fault_ == FaultAction::stall) return false;
  return is_empty && (halves_[0].has_ended || halves_[1].has_ended);
}

bool FaultConnection::take_hit() {
  const bool is_empty = halves_[0].waiting.empty() && halves_[1].waiting.empty();
  if (!is_over() && !(fault_ == FaultAction::stall && is_empty)) return false;
  return std::exchange(is_hit_, false);
}

std::optional<FaultConnection::Clock::time_point> FaultConnection::next_due() const {
  std::optional<Clock::time_point> out;
  for (const Half& one : halves_) {
    if (!one.waiting.empty() && (!out || one.waiting.front().due < *out)) out = one.waiting.front().due;
  }
  return out;
}

void FaultConnection::forget_scan() {
  scan_ = {};
}

void FaultConnection::resume() {
  if (fault_ != FaultAction::stall) return;
  fault_.reset();
  is_hit_ = false;
  for (Half& one : halves_) {
    if (!one.held.empty()) one.waiting.push_back({Clock::now(), std::exchange(one.held, {})});
  }
}

}  // namespace amends::testing_support
