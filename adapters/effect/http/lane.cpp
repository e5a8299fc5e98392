#include "adapters/effect/http/lane.hpp"

#include <sys/epoll.h>

#include <algorithm>

#include "adapters/effect/http/elapsed.hpp"
#include "engine/base/check.hpp"
#include "engine/base/text.hpp"

namespace amends::http {
namespace {

// How often a queue that does not move is searched for attempts whose time has passed.
constexpr engine::Elapsed sweep_every = std::chrono::milliseconds(100);

engine::Reply bad_request(const std::string& why) {
  engine::Reply reply;
  reply.outcome = engine::Outcome::rejected;
  reply.error_class = "bad_request_data";
  reply.error = engine::shorten(engine::escape_controls(why), engine::error_bytes_max);
  return reply;
}

}  // namespace

void Answers::add(engine::ReplySink& sink, const engine::Attempt& attempt, engine::Reply reply) {
  auto it = std::ranges::find(by_sink_, &sink, [](const auto& entry) { return entry.first; });
  if (it == by_sink_.end()) it = by_sink_.insert(by_sink_.end(), {&sink, {}});
  it->second.push_back({attempt.saga, attempt.step, attempt.direction, attempt.number, std::move(reply)});
}

void Answers::deliver(std::atomic<std::size_t>& in_flight) {
  for (auto& [sink, answers] : by_sink_) {
    in_flight.fetch_sub(answers.size());
    sink->deliver(std::move(answers));
  }
  by_sink_.clear();
}

Lane::Lane(Endpoint& endpoint, std::size_t concurrency_max, const HttpOptions& options,
           const std::function<engine::WallTime()>& wall, Answers& answers, int epoll, std::uint32_t index)
    : endpoint_(endpoint),
      concurrency_max_(concurrency_max),
      options_(options),
      wall_(wall),
      answers_(answers),
      epoll_(epoll),
      index_(index),
      multi_(curl_multi_init()),
      bearer_(endpoint.config.bearer),
      rate_(endpoint.config.rate_per_second, endpoint.config.rate_burst) {
  AMENDS_CHECK(multi_ != nullptr, "out of memory for a libcurl multi handle");
  curl_multi_setopt(multi_, CURLMOPT_SOCKETFUNCTION, &Lane::on_socket);
  curl_multi_setopt(multi_, CURLMOPT_SOCKETDATA, this);
  curl_multi_setopt(multi_, CURLMOPT_TIMERFUNCTION, &Lane::on_timer);
  curl_multi_setopt(multi_, CURLMOPT_TIMERDATA, this);
  // libcurl's default follows the number of transfers and would close connections in every lull.
  curl_multi_setopt(multi_, CURLMOPT_MAXCONNECTS, static_cast<long>(concurrency_max));
}

Lane::~Lane() {
  for (Call* call : active_) curl_multi_remove_handle(multi_, call->handle());
  // The handles go first: they still point at the multi.
  calls_.clear();
  curl_multi_cleanup(multi_);
}

void Lane::take(Pending pending) {
  queue_.push_back(std::move(pending));
}

int Lane::on_timer(CURLM*, long wait_ms, void* self) {
  auto& lane = *static_cast<Lane*>(self);
  if (wait_ms < 0) {
    lane.curl_due_.reset();
  } else {
    lane.curl_due_ = elapsed_now() + std::chrono::milliseconds(wait_ms);
  }
  return 0;
}

int Lane::on_socket(CURL*, curl_socket_t socket, int what, void* self, void*) {
  static_cast<Lane*>(self)->watch(socket, what);
  return 0;
}

void Lane::watch(int socket, int what) {
  const auto at = static_cast<std::size_t>(socket);
  if (at >= watched_.size()) watched_.resize(at + 64, 0);
  std::uint32_t events = 0;
  if (what == CURL_POLL_IN || what == CURL_POLL_INOUT) events |= EPOLLIN;
  if (what == CURL_POLL_OUT || what == CURL_POLL_INOUT) events |= EPOLLOUT;
  if (watched_[at] == events) return;
  epoll_event event{};
  event.events = events;
  event.data.u64 = static_cast<std::uint64_t>(index_) << 32 | static_cast<std::uint32_t>(socket);
  // A deleted socket may be closed already, which took it out of the epoll; and a closed one's number may be
  // back before its deletion was told. So what epoll knows wins over what was noted here.
  if (events == 0) {
    epoll_ctl(epoll_, EPOLL_CTL_DEL, socket, nullptr);
  } else {
    const bool known = watched_[at] != 0;
    const bool told = epoll_ctl(epoll_, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, socket, &event) == 0 ||
                      epoll_ctl(epoll_, known ? EPOLL_CTL_ADD : EPOLL_CTL_MOD, socket, &event) == 0;
    AMENDS_CHECK(told, "epoll refuses a socket");
  }
  watched_[at] = events;
}

void Lane::socket_ready(int socket, std::uint32_t epoll_events) {
  int what = 0, running = 0;
  if ((epoll_events & EPOLLIN) != 0) what |= CURL_CSELECT_IN;
  if ((epoll_events & EPOLLOUT) != 0) what |= CURL_CSELECT_OUT;
  if ((epoll_events & (EPOLLERR | EPOLLHUP)) != 0) what |= CURL_CSELECT_IN | CURL_CSELECT_ERR;
  curl_multi_socket_action(multi_, socket, what, &running);
}

void Lane::run_due(engine::Elapsed now) {
  int running = 0;
  if (curl_due_ && *curl_due_ <= now) {
    curl_due_.reset();  // before the call, which may set it anew
    curl_multi_socket_action(multi_, CURL_SOCKET_TIMEOUT, 0, &running);
  }
}

void Lane::turn(engine::Elapsed now) {
  if (idle() && !curl_due_) return;
  run_due(now);
  collect();
  drop_expired(now);
  send_queued(now);
  run_due(elapsed_now());  // gives what was just added its first push
  collect();
  count();
}

std::optional<engine::Elapsed> Lane::due() const {
  std::optional<engine::Elapsed> out = curl_due_;
  // Both are the queue's. Left over from one that emptied within a turn, they would keep the loop spinning.
  if (queue_.empty()) return out;
  for (const auto& other : {rate_due_, sweep_due_})
    if (other && (!out || *other < *out)) out = other;
  return out;
}

void Lane::collect() {
  int left = 0;
  while (CURLMsg* message = curl_multi_info_read(multi_, &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    void* self = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &self);
    const CURLcode code = message->data.result;  // the message goes with the handle
    auto& call = *static_cast<Call*>(self);
    curl_multi_remove_handle(multi_, call.handle());
    answer(call, call.finish(code));
  }
}

bool Lane::expired(const engine::Attempt& attempt) const {
  return attempt.not_after != engine::WallTime{} && wall_() > attempt.not_after;
}

void Lane::drop_expired(engine::Elapsed now) {
  if (queue_.empty()) {
    sweep_due_.reset();
  } else if (!sweep_due_) {
    sweep_due_ = now + sweep_every;
  } else if (*sweep_due_ <= now) {
    std::deque<Pending> kept;
    for (auto& pending : queue_) {
      if (expired(pending.attempt))
        answer(std::move(pending), Ending::not_sent_in_time);
      else
        kept.push_back(std::move(pending));
    }
    queue_.swap(kept);
    sweep_due_ = now + sweep_every;
  }
}

void Lane::send_queued(engine::Elapsed now) {
  rate_due_.reset();
  while (!queue_.empty() && active_.size() < concurrency_max_) {
    if (expired(queue_.front().attempt)) {
      answer(std::move(queue_.front()), Ending::not_sent_in_time);
    } else if (rate_.take(now)) {
      start(std::move(queue_.front()), now);
    } else {
      rate_due_ = rate_.next();
      return;
    }
    queue_.pop_front();
  }
}

void Lane::start(Pending pending, engine::Elapsed now) {
  // Cut out here and not on arrival: it points into the attempt, and the queue may be long.
  const RequestData request = parse_request(pending.attempt.request->body);
  if (!request.ok()) return answer(*pending.sink, pending.attempt, bad_request(request.error));
  if (!is_header_value(pending.attempt.key) || !is_header_value(pending.attempt.step_name))
    return answer(*pending.sink, pending.attempt, bad_request("its key or step name cannot be a header"));
  std::string_view bearer;
  if (bearer_.configured()) {
    const auto& found = bearer_.find(now);
    if (!found) return answer(std::move(pending), Ending::no_credential);
    bearer = *found;
  }
  if (free_.empty()) {
    calls_.push_back(std::make_unique<Call>(endpoint_, options_, wall_));
    free_.push_back(calls_.back().get());
  }
  Call* call = free_.back();
  free_.pop_back();
  call->prepare(std::move(pending), request, bearer);
  active_.insert(call);
  AMENDS_CHECK(curl_multi_add_handle(multi_, call->handle()) == CURLM_OK, "libcurl refuses a transfer");
}

void Lane::answer(Pending pending, Ending ending) {
  Exchange exchange;
  exchange.ending = ending;
  answer(*pending.sink, pending.attempt, classify(exchange, endpoint_.policy, wall_()));
}

void Lane::answer(Call& call, const Exchange& exchange) {
  answer(call.sink(), call.attempt(), classify(exchange, endpoint_.policy, wall_()));
  call.release();
  active_.erase(&call);
  free_.push_back(&call);
}

void Lane::answer(engine::ReplySink& sink, const engine::Attempt& attempt, engine::Reply reply) {
  endpoint_.counters.answered[static_cast<std::size_t>(reply.outcome)].fetch_add(1,
                                                                                 std::memory_order_relaxed);
  answers_.add(sink, attempt, std::move(reply));
}

void Lane::count() {
  // Differences, since other lanes may count for the same endpoint; unsigned arithmetic wraps to the right
  // sum.
  endpoint_.counters.queued.fetch_add(queue_.size() - told_queued_, std::memory_order_relaxed);
  endpoint_.counters.in_flight.fetch_add(active_.size() - told_in_flight_, std::memory_order_relaxed);
  told_queued_ = queue_.size();
  told_in_flight_ = active_.size();
}

void Lane::refuse_queue() {
  for (auto& pending : queue_) answer(std::move(pending), Ending::stopping);
  queue_.clear();
  count();
}

void Lane::cut() {
  while (!active_.empty()) {
    Call& call = **active_.begin();
    // Asked before it is taken off, which resets what libcurl knows about it.
    const Exchange exchange = call.finish_stopped();
    curl_multi_remove_handle(multi_, call.handle());
    answer(call, exchange);
  }
  count();
}

}  // namespace amends::http
