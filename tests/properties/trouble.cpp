#include <algorithm>

#include "tests/properties/world.hpp"

namespace amends::properties {

using namespace engine;

namespace {

template <class T>
T take(std::vector<T>& from, std::uint32_t at) {
  T out = std::move(from[at]);
  from.erase(from.begin() + at);
  return out;
}

Reply failed(Outcome outcome, std::string error_class, std::string error) {
  Reply reply;
  reply.outcome = outcome;
  reply.error_class = std::move(error_class);
  reply.error = std::move(error);
  return reply;
}

using namespace std::string_literals;

// Some of it is not even text.
const std::string ugly = "half a char \xe2\x82, NUL \0, \"quoted\""s;

}  // namespace

void World::trouble() {
  tick();
  switch (tape_.pick(14)) {
    case 0:
    case 1:
    case 2: return flush();
    case 3:
    case 4: return prepare(false);
    case 5:
    case 6:
    case 7: return answer(false);
    case 8:
    case 9: return ring();
    case 10: return echo();
    case 11: return stray();
    case 12: return tape_.one_in(2) ? crash() : void();
    case 13: return command();
  }
}

void World::tick() {
  static constexpr int steps_ms[] = {0, 0, 1, 7, 40, 120, 500, 3'000};
  now_ += Millis(steps_ms[tape_.pick(8)]);
  std::erase_if(strays_, [&](const Message& m) { return m.not_after < now_; });
}

void World::prepare(bool healthy) {
  if (preparing_.empty()) return;
  const LegRef ref = take(preparing_, tape_.pick(static_cast<std::uint32_t>(preparing_.size())));
  PreparedEvent event{ref.step, ref.direction, nullptr, {}, {}};
  if (healthy || !tape_.one_in(10)) {
    // Each call of the author's code gives other bytes, so that a second one shows.
    event.request = std::make_shared<const Request>(
        Request{"model", "endpoint", R"({"call":)" + std::to_string(++bodies_) + "}"});
    event.facts = participants_[ref.step].facts(ref.direction);
  } else {
    event.error = "the author threw: " + ugly;
  }
  decide(std::move(event));
}

Reply World::arrive(Message& message, bool willing) {
  if (message.arrived) return message.answer;
  message.arrived = true;
  // However late the answer is read: the request came in its time, or not at all.
  const WallTime at = std::min(now_, message.not_after);
  return message.answer =
             participants_[message.leg.step].receive(message.leg.direction, message.key, at, willing);
}

void World::answer(bool healthy) {
  if (in_flight_.empty()) return;
  Message message = take(in_flight_, tape_.pick(static_cast<std::uint32_t>(in_flight_.size())));
  const bool willing = healthy || !tape_.one_in(5);
  switch (healthy ? 0 : tape_.pick(9)) {
    case 0:
    case 1:
    case 2: {  // answered, and the network keeps a copy
      const Reply reply = arrive(message, willing);
      echoes_.push_back(message);
      return answer_with(message, reply);
    }
    case 3:  // it arrives, the answer is late
      arrive(message, willing);
      echoes_.push_back(message);
      return answer_with(message, failed(Outcome::unknown, "timeout", "no answer in time"));
    case 4:  // it may arrive later
      strays_.push_back(message);
      return answer_with(message, failed(Outcome::unknown, "timeout", ugly));
    case 5: return answer_with(message, failed(Outcome::unknown, "http_503", "never arrived"));
    case 6:  // our side refuses it: whatever earlier attempts did, this one says nothing about them
      return answer_with(message, failed(Outcome::rejected, "bad_request_data", "it cannot be sent"));
    default: return answer_with(message, failed(Outcome::transient, "refused", "no byte was sent"));
  }
}

void World::answer_with(const Message& message, Reply reply) {
  if (tape_.one_in(6) && reply.outcome != Outcome::done) reply.retry_after = Millis(80);
  const bool counted = reply.outcome != Outcome::transient || !tape_.one_in(4);
  if (!counted) observer_.kept_back(message.leg);
  decide(RepliedEvent{message.leg.step, message.leg.direction, message.number, std::move(reply), counted});
}

// Timers ring when they are due, or too early, or once more.
void World::ring() {
  if (tape_.one_in(6) && !rung_.empty()) {
    const LegRef ref = rung_[tape_.pick(static_cast<std::uint32_t>(rung_.size()))].leg;
    return decide(WokeEvent{ref.step, ref.direction});
  }
  if (timers_.empty()) return;
  const Timer timer = take(timers_, tape_.pick(static_cast<std::uint32_t>(timers_.size())));
  if (!tape_.one_in(4)) now_ = std::max(now_, timer.at);
  rung_.push_back(timer);
  decide(WokeEvent{timer.leg.step, timer.leg.direction});
}

// An answer comes twice, or long after its attempt was given up.
void World::echo() {
  if (echoes_.empty()) return;
  const Message message = echoes_[tape_.pick(static_cast<std::uint32_t>(echoes_.size()))];
  const Leg& leg = saga_.steps[message.leg.step].leg(message.leg.direction);
  const Saga before = saga_;
  const bool awaited = leg.in_flight && leg.attempts == message.number;
  if (awaited) return;
  answer_with(message, message.answer);
  Saga same = saga_;
  same.seq = before.seq;
  same.updated_at = before.updated_at;
  if (!difference(same, before).empty()) throw Broken("a late reply was used");
}

void World::stray() {
  if (strays_.empty()) return;
  Message message = take(strays_, tape_.pick(static_cast<std::uint32_t>(strays_.size())));
  arrive(message, !tape_.one_in(4));
}

bool World::is_quiet(StepIndex step) const {
  const auto concerns = [&](const Message& m) { return m.leg.step == step; };
  return std::none_of(strays_.begin(), strays_.end(), concerns) &&
         std::none_of(in_flight_.begin(), in_flight_.end(), concerns);
}

void World::command() {
  const Verb verb = static_cast<Verb>(tape_.pick(4));
  const bool at_the_stuck_one = saga_.cause.step && tape_.one_in(2);
  const StepIndex step = at_the_stuck_one ? *saga_.cause.step : tape_.pick(plan_->size());
  if (verb == Verb::cancel && !tape_.one_in(2)) return;
  // Evidence is only there once the network is quiet; this operator does not lie.
  if (verb == Verb::resolve && !is_quiet(step)) return;
  if (tape_.one_in(40)) {
    decide(CommandEvent{"c" + std::to_string(++commands_), Verb::abandon, "me", ugly, "", false, {}});
    return;
  }
  const StepState state = saga_.steps[step].state;
  const bool undo = state == StepState::undoing || state == StepState::undo_failed;
  const bool reads = plan_->step(step).kind == StepKind::read;  // its answer may be known by other ways
  const bool stands = reads ? tape_.one_in(2) : participants_[step].standing() > 0;
  give(verb, step, undo ? !stands : stands);
}

}  // namespace amends::properties
