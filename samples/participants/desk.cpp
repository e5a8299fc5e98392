#include "samples/participants/desk.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <charconv>
#include <thread>

namespace participants {
namespace {

using nlohmann::json;

std::string detail(const std::string& why) {
  return json{{"detail", why}}.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::optional<amends::BarrierCall> parse_call(const httplib::Request& request) {
  auto call = amends::parse_barrier_key(request.get_header_value("Idempotency-Key"));
  const auto not_after = request.get_header_value("Amends-Not-After");
  if (!call || not_after.empty()) return call;
  std::int64_t milliseconds = 0;
  const auto* end = not_after.data() + not_after.size();
  const auto number = std::from_chars(not_after.data(), end, milliseconds);
  if (number.ec != std::errc() || number.ptr != end) return {};
  call->not_after_ms = milliseconds;
  return call;
}

Arrival arrival_of(const httplib::Request& request, std::int64_t number) {
  return {number,
          request.method,
          request.target,
          request.body,
          request.get_header_value("Idempotency-Key"),
          request.get_header_value("Amends-Attempt"),
          request.get_header_value("Amends-Epoch"),
          request.get_header_value("Amends-Not-After")};
}

// The library hands out no socket, so it is found by the port of its other end. It belongs to this thread
// until the handler returns; others are only looked at.
void hang_up(const httplib::Request& request) {
  constexpr int descriptors_max = 4'096;
  for (int fd = 3; fd < descriptors_max; ++fd) {
    sockaddr_in peer{};
    socklen_t size = sizeof peer;
    if (getpeername(fd, reinterpret_cast<sockaddr*>(&peer), &size) != 0 || peer.sin_family != AF_INET)
      continue;
    if (ntohs(peer.sin_port) != request.remote_port) continue;
    shutdown(fd, SHUT_RDWR);
    return;
  }
}

// A reply that promises more than it brings.
void answer_half(httplib::Response& response, const std::string& body) {
  response.status = 200;
  const std::size_t promised = body.size() + 64;
  response.set_content_provider(promised, "application/json",
                                [body](std::size_t, std::size_t, httplib::DataSink& sink) {
                                  sink.write(body.data(), body.size());
                                  return false;
                                });
}

}  // namespace

Desk::Desk(Database& db, Mischief& mischief, DeskOptions options)
    : db_(db), mischief_(mischief), options_(options), barrier_(db.handle()) {
  db_.execute("create table if not exists tally (what text not null, times integer not null)");
  if (options_.log_calls) call_log_.emplace(db_);
}

void Desk::note(const Arrival& arrival, int status) {
  if (!options_.log_calls) return;
  const std::lock_guard lock(database_mutex_);
  call_log_->changed_nothing(arrival, "none", status, "");
}

void Desk::count(std::string_view what) {
  const std::lock_guard lock(tally_mutex_);
  ++tally_[std::string(what)];
}

void Desk::close() {
  database_mutex_.lock();
  const std::lock_guard lock(tally_mutex_);
  db_.execute("begin immediate");
  for (const auto& [what, times] : tally_) db_.write("insert into tally values (?1, ?2)", {what, times});
  db_.execute("commit");
}

void Desk::serve(httplib::Server& server, const Business& business) {
  for (const auto& route : business.routes) {
    if (route.method == "POST") {
      server.Post(route.pattern, [this, route](const httplib::Request& in, httplib::Response& out) {
        take(route, in, out);
      });
      continue;
    }
    // Given a reader, 0.11.4 does not wait for a body that a DELETE without Content-Length never sends.
    server.Delete(route.pattern, [this, route](const httplib::Request& in, httplib::Response& out,
                                               const httplib::ContentReader& read) {
      if (in.has_header("Content-Length")) read([](const char*, std::size_t) { return true; });
      take(route, in, out);
    });
  }
}

void Desk::take(const Route& route, const httplib::Request& request, httplib::Response& response) {
  const auto say = [&response](int status, const std::string& body) {
    response.status = status;
    response.set_content(body, "application/json");
  };
  const Arrival arrival = arrival_of(request, ++arrivals_);
  const auto call = parse_call(request);
  if (!call) return say(400, detail("Idempotency-Key or Amends-Not-After is missing or malformed"));

  const auto accident = mischief_.next(request.get_header_value("Idempotency-Key"));
  count(name_of(accident));
  const auto say_at_once = [&](int status, const std::string& body) {
    note(arrival, status);
    say(status, body);
  };
  switch (accident) {
    case Accident::unavailable: return say_at_once(503, detail("a storm is passing"));
    case Accident::error_before: return say_at_once(500, detail("something broke before the work"));
    case Accident::too_many:
      response.set_header("Retry-After", "1");
      return say_at_once(429, detail("not so fast"));
    case Accident::drop_request: note(arrival, 0); return hang_up(request);
    case Accident::late_effect: std::this_thread::sleep_for(options_.late); break;
    case Accident::slow: std::this_thread::sleep_for(options_.slow); break;
    case Accident::none:
    case Accident::late_answer:
    case Accident::drop_reply:
    case Accident::half_reply:
    case Accident::garbage:
    case Accident::error_after:
    case Accident::repeat: break;
  }

  Answer answer;
  try {
    Order order;
    if (route.method == "POST") order.body = json::parse(request.body);
    order.id = route.method == "POST" ? order.body.at("order").get<std::string>() : request.matches[1].str();
    order.refused = mischief_.refuses(route.pattern, order.id, route.refuse_rate);
    answer = work(route, *call, order, arrival);
    if (accident == Accident::repeat) answer = work(route, *call, order, arrival);
  } catch (const json::exception& error) {
    return say(400, detail(error.what()));
  } catch (const amends::BarrierError& error) {
    return say(error.surely_nothing ? 503 : 500, detail(error.what()));
  }

  switch (accident) {
    case Accident::drop_reply: return hang_up(request);
    case Accident::half_reply: return answer_half(response, answer.body);
    case Accident::garbage: return response.set_content("<html><h1>It works!</h1>", "text/html");
    case Accident::error_after: return say(502, detail("something broke after the work"));
    case Accident::late_answer: std::this_thread::sleep_for(options_.late); break;
    case Accident::none:
    case Accident::slow:
    case Accident::late_effect:
    case Accident::repeat:
    case Accident::unavailable:
    case Accident::error_before:
    case Accident::too_many:
    case Accident::drop_request: break;
  }
  if (!answer.barrier.empty()) response.set_header("Amends-Barrier", answer.barrier);
  say(answer.status, answer.body);
}

Desk::Answer Desk::work(const Route& route, const amends::BarrierCall& call, const Order& order,
                        const Arrival& arrival) {
  const std::lock_guard lock(database_mutex_);
  const bool undo = call.direction == amends::BarrierDirection::undo;
  const auto work = [&](std::string_view code) {
    auto answer = route.work(db_, order);
    if (call_log_ && !answer.rejected) call_log_->took_effect(arrival, undo, code, answer);
    return answer;
  };
  amends::BarrierResult result;
  std::string code;
  if (options_.barrier) {
    result = barrier_.call(call, [&] { return work("applied"); });
    code = amends::name_of(result.code);
    count("barrier: " + code);
  } else {
    result.answer = work("none");
  }
  const bool took_effect = !result.answer.rejected && (!options_.barrier || code == "applied");
  if (call_log_ && !took_effect)
    call_log_->changed_nothing(arrival, options_.barrier ? code : "none", result.answer.status,
                               result.answer.body);
  return {result.answer.status, result.answer.body, code};
}

}  // namespace participants
