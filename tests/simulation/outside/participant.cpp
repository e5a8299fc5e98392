#include "tests/simulation/outside/participant.hpp"

#include <algorithm>

namespace amends::simulation {

Participant::Participant(Setting& setting, Books& books, std::string name)
    : setting_(setting), books_(books), name_(std::move(name)), chance_(setting.chance(name_)) {}

void Participant::go_down(engine::Micros time) {
  setting_.faults.struck(Fault::participant_down, name_);
  down_until_ = std::max(down_until_, setting_.queue.now() + time);
}

HttpAnswer Participant::receive(const HttpRequest& request) {
  effect_ = "none";
  Served served;
  if (auto refused = refuse_first(request))
    served.answer = std::move(*refused);
  else if (request.reads())
    served.answer = do_it(request);
  else
    served = serve(request);
  HttpAnswer answer = spoil(request, served.answer);
  setting_.queue.note(request.key);
  setting_.queue.note(static_cast<std::uint64_t>(answer.status));
  if (served.code == "fenced") setting_.coverage.saw(Seen::hang_refused);
  if (setting_.queue.tracing())
    setting_.queue.say(name_ + " " + request.key.substr(24) + " #" + std::to_string(request.attempt) + ": " +
                       effect_ + ", " + served.code + ", " + std::to_string(answer.status));
  books_.note({name_, 0, setting_.queue.wall(), request, served.code, answer.status, effect_, answer.body});
  return answer;
}

// Before anything is looked at.
std::optional<HttpAnswer> Participant::refuse_first(const HttpRequest& request) {
  const bool error = setting_.faults.strike(Fault::error_before, chance_, name_);
  const bool too_many = setting_.faults.strike(Fault::too_many, chance_, name_);
  const std::uint64_t how = chance_.below(6);
  if (error) {
    static constexpr int statuses[] = {500, 502, 503, 504, 500, 408};
    return HttpAnswer{statuses[how], "oops", {}, how == 2 ? "1" : ""};
  }
  if (too_many) {
    static constexpr const char* waits[] = {"0", "1", "2", "", "soon", "99999999999999999999"};
    return HttpAnswer{429, R"({"title":"not so fast"})", {}, waits[how]};
  }
  static_cast<void>(request);
  return std::nullopt;
}

HttpAnswer Participant::do_it(const HttpRequest& request) {
  const bool no = setting_.faults.strike(Fault::says_no, chance_, name_);
  const bool conflict = chance_.one_in(2);
  if (no) return {conflict ? 409 : 422, R"({"detail":"no"})", {}, {}};
  if (!request.reads()) {
    const bool undo = request.direction == engine::Direction::undo;
    if (undo)
      books_.undid(request);
    else
      books_.did(request, facts().idempotency == engine::Idempotency::natural);
    effect_ = undo ? "undid" : "did";
  }
  return {200, R"({"id":)" + std::to_string(++results_) + R"(,"by":")" + name_ + "\"}", {}, {}};
}

// After it was done.
HttpAnswer Participant::spoil(const HttpRequest& request, HttpAnswer answer) {
  const bool error = setting_.faults.strike(Fault::error_after, chance_, name_);
  const bool garbage = setting_.faults.strike(Fault::garbage, chance_, name_);
  const bool wrong_type = setting_.faults.strike(Fault::wrong_type, chance_, name_);
  const bool denied = setting_.faults.strike(Fault::contradiction, chance_, name_);
  const std::uint64_t how = chance_.below(4);
  if (error) {
    static constexpr int statuses[] = {500, 502, 504, 301};
    return {statuses[how], "<html>", {}, {}};
  }
  const bool good = answer.status >= 200 && answer.status < 300;
  if (garbage && good) {
    using namespace std::string_literals;
    const std::string bodies[] = {"{\"id\":", "\xff\xfe", "{\"id\":1}\0"s, std::string(200, '[')};
    return {200, bodies[how], answer.barrier, {}};
  }
  if (wrong_type && good && request.direction == engine::Direction::run)
    return {200, R"({"di":1})", answer.barrier, {}};
  if (denied && !request.reads()) {
    books_.of(request.saga, request.step).lied = true;
    return good ? HttpAnswer{409, R"({"detail":"never heard of it"})", {}, {}}
                : HttpAnswer{200, R"({"id":0})", {}, {}};
  }
  return answer;
}

}  // namespace amends::simulation
