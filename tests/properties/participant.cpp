#include "tests/properties/participant.hpp"

namespace amends::properties {

using namespace engine;

namespace {

Reply yes() {
  Reply reply;
  reply.outcome = Outcome::done;
  reply.answered = true;
  reply.result = R"({"id":"r-1"})";
  return reply;
}

Reply no(std::string why) {
  Reply reply;
  reply.outcome = Outcome::rejected;
  reply.answered = true;
  reply.error_class = "refused";
  reply.error = std::move(why);
  return reply;
}

// Longer than any attempt of a drawn plan is under way.
constexpr Millis slack{1'000};

}  // namespace

Participant::Participant(bool reads_only, Tape& tape) : reads_only_(reads_only) {
  const auto draw = [&](std::uint32_t kinds) {
    static constexpr Idempotency all[] = {Idempotency::key, Idempotency::natural, Idempotency::none,
                                          Idempotency::barrier};
    EndpointFacts facts;
    facts.idempotency = all[tape.pick(kinds)];
    if (facts.idempotency == Idempotency::key && tape.one_in(3)) facts.remembers = Millis(2'000);
    return facts;
  };
  run_ = draw(4);
  undo_ = run_.idempotency == Idempotency::barrier ? run_ : draw(3);
}

Reply Participant::receive(Direction direction, const std::string& key, WallTime now, bool willing) {
  if (reads_only_) return willing ? yes() : no("nothing to read");
  const EndpointFacts& mine = facts(direction);
  const bool barrier = mine.idempotency == Idempotency::barrier;
  if (barrier && direction == Direction::run && barrier_closed_) {
    ++refused_late_;
    return no("the step was undone");
  }
  const bool recognises = barrier || mine.idempotency == Idempotency::key;
  if (const auto it = known_.find(key); recognises && it != known_.end()) {
    const bool forgotten = mine.remembers > Millis(0) && now > it->second.since + mine.remembers + slack;
    if (!forgotten) return it->second.reply;
  }
  Reply reply = direction == Direction::run ? receive_run(willing) : receive_undo(willing);
  known_[key] = {reply, now};
  return reply;
}

Reply Participant::receive_run(bool willing) {
  if (!willing) return no("no stock");
  standing_ = run_.idempotency == Idempotency::natural ? 1 : standing_ + 1;
  return yes();
}

Reply Participant::receive_undo(bool willing) {
  if (!willing) return no("too late to undo");
  Reply reply = yes();
  reply.empty_undo = undo_.idempotency == Idempotency::barrier && standing_ == 0;
  if (undo_.idempotency != Idempotency::natural) ++undone_;
  standing_ = 0;
  barrier_closed_ = undo_.idempotency == Idempotency::barrier;
  return reply;
}

}  // namespace amends::properties
