#include "adapters/effect/sql/session.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>

#include "engine/base/check.hpp"

namespace amends::sql {

CutSignal::CutSignal() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  AMENDS_CHECK(event_ >= 0, "no descriptor left for an eventfd");
}

CutSignal::~CutSignal() {
  ::close(event_);
}

void CutSignal::cut() {
  const std::uint64_t one = 1;
  AMENDS_CHECK(::write(event_, &one, sizeof one) == sizeof one, "an eventfd does not take its signal");
}

bool CutSignal::is_cut() const {
  pollfd event{event_, POLLIN, 0};
  return ::poll(&event, 1, 0) > 0;
}

engine::Millis Bounds::left() const {
  const auto left = std::chrono::ceil<engine::Millis>(until - Clock::now());
  return std::max(left, engine::Millis{0});
}

}  // namespace amends::sql
