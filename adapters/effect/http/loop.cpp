#include "adapters/effect/http/loop.hpp"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "adapters/effect/http/elapsed.hpp"
#include "engine/base/check.hpp"

namespace amends::http {
namespace {

constexpr std::uint64_t wake_tag = ~std::uint64_t{0};

}  // namespace

Loop::Loop(const std::vector<Share>& shares, const HttpOptions& options,
           const std::function<engine::WallTime()>& wall, std::atomic<std::size_t>& in_flight)
    : wall_(wall),
      in_flight_(in_flight),
      epoll_(epoll_create1(EPOLL_CLOEXEC)),
      wake_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  AMENDS_CHECK(epoll_ >= 0 && wake_ >= 0, "no descriptors left for an event loop");
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = wake_tag;
  AMENDS_CHECK(epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &event) == 0, "epoll refuses the wake-up descriptor");
  for (const Share& share : shares)
    lanes_.push_back(std::make_unique<Lane>(*share.endpoint, share.concurrency_max, options, wall_, answers_,
                                            epoll_, static_cast<std::uint32_t>(lanes_.size())));
  thread_ = std::thread([this] { run(); });
}

Loop::~Loop() {
  begin_stop(engine::Millis{0});
  join();
  lanes_.clear();
  close(wake_);
  close(epoll_);
}

bool Loop::submit(std::vector<Parcel>& parcels) {
  bool was_empty = false;
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return false;
    was_empty = inbox_.empty();
    if (was_empty) {
      inbox_.swap(parcels);
    } else {
      std::ranges::move(parcels, std::back_inserter(inbox_));
    }
  }
  // Whoever found it full may rely on the one who filled it.
  if (was_empty) wake();
  return true;
}

void Loop::wake() const {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = write(wake_, &one, sizeof one);  // full means that it is awake
}

void Loop::begin_stop(engine::Millis limit) {
  std::int64_t running = -1;
  stop_at_.compare_exchange_strong(running, (elapsed_now() + limit).count());
  wake();
}

void Loop::join() {
  if (thread_.joinable()) thread_.join();
}

void Loop::take_inbox() {
  {
    const std::lock_guard lock(mutex_);
    taken_.swap(inbox_);
  }
  for (auto& parcel : taken_) lanes_[parcel.lane]->take(std::move(parcel.pending));
  taken_.clear();
}

void Loop::wait() {
  std::optional<engine::Elapsed> due;
  const auto sooner = [&due](std::optional<engine::Elapsed> other) {
    if (other && (!due || *other < *due)) due = other;
  };
  for (const auto& lane : lanes_) sooner(lane->due());
  if (const auto stop_at = stop_at_.load(); stop_at >= 0) sooner(engine::Elapsed(stop_at));
  int wait_ms = -1;
  if (due) {
    const auto left = std::chrono::ceil<engine::Millis>(*due - elapsed_now()).count();
    wait_ms = static_cast<int>(std::clamp<std::int64_t>(left, 0, 60'000));
  }
  std::array<epoll_event, 256> events;
  const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), wait_ms);
  for (int i = 0; i < count; ++i) {
    const auto tag = events[static_cast<std::size_t>(i)].data.u64;
    if (tag == wake_tag) {
      std::uint64_t ignored;
      [[maybe_unused]] const auto bytes = read(wake_, &ignored, sizeof ignored);
    } else {
      lanes_[tag >> 32]->socket_ready(static_cast<int>(tag & 0xffffffffu),
                                      events[static_cast<std::size_t>(i)].events);
    }
  }
}

bool Loop::stopped(engine::Elapsed now) {
  const auto stop_at = stop_at_.load();
  if (stop_at < 0) return false;
  {
    // From here on nothing comes in, so the queues empty for good.
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  take_inbox();
  for (auto& lane : lanes_) lane->refuse_queue();
  if (now.count() >= stop_at)
    for (auto& lane : lanes_) lane->cut();
  return std::ranges::all_of(lanes_, [](const auto& lane) { return lane->idle(); });
}

void Loop::run() {
  // OpenSSL writes without MSG_NOSIGNAL, and libcurl does not guard it when CURLOPT_NOSIGNAL is set: a
  // participant that hangs up during a handshake would end the whole process.
  sigset_t broken_pipe;
  sigemptyset(&broken_pipe);
  sigaddset(&broken_pipe, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &broken_pipe, nullptr);
  bool running = true;
  while (running) {
    wait();
    take_inbox();
    const auto now = elapsed_now();
    for (auto& lane : lanes_) lane->turn(now);
    running = !stopped(now);  // after the turn, which may have ended the last call
    answers_.deliver(in_flight_);
  }
}

}  // namespace amends::http
