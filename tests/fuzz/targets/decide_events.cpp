// Events in any order, also such as nobody would send: replies to attempts that never were, timers of steps
// that are over, commands with any words. Only a request has been asked for when it comes, which the runtime
// sees to. The saga stays the fold of its journal.
#include "engine/base/text.hpp"
#include "engine/lifecycle/decide.hpp"
#include "engine/runtime/offers.hpp"
#include "tests/fuzz/bytes.hpp"
#include "tests/fuzz/target.hpp"
#include "tests/properties/observer.hpp"
#include "tests/properties/plans.hpp"

namespace amends::fuzz {
namespace {

using namespace engine;

PlanPtr drawn_plan(Bytes& bytes) {
  std::vector<std::uint16_t> choices;
  for (std::size_t left = bytes.pick(64); left > 0; --left) choices.push_back(bytes.byte());
  properties::Tape tape(std::move(choices));
  return properties::draw_plan(tape);
}

class Events {
 public:
  Events(Bytes& bytes, const Plan& plan, const Saga& saga) : bytes_(bytes), plan_(plan), saga_(saga) {}

  Event next() {
    static constexpr std::array<std::int64_t, 8> steps_ms{0, 0, 1, 40, 500, 3'000, 3'600'000, -1'000};
    now_ += Millis(bytes_.one_of(steps_ms));
    const std::uint64_t random = bytes_.byte();
    return {now_, random, what()};
  }

 private:
  decltype(Event::what) what() {
    const auto step = static_cast<StepIndex>(bytes_.pick(plan_.size()));
    const Direction direction = bytes_.flag() ? Direction::undo : Direction::run;
    switch (bytes_.pick(8)) {
      case 0:
      case 1:
        if (!saga_.steps[step].leg(direction).preparing) return WokeEvent{step, direction};
        return prepared(step, direction);
      case 2:
      case 3:
      case 4: return replied(step, direction);
      case 5: return WokeEvent{step, direction};
      case 6: return command(step);
      default: return bytes_.pick(4) == 0 ? decltype(Event::what)(RecoveredEvent{}) : command(step);
    }
  }

  PreparedEvent prepared(StepIndex step, Direction direction) {
    static constexpr std::array all{Idempotency::key, Idempotency::barrier, Idempotency::natural,
                                    Idempotency::none};
    PreparedEvent out{step, direction, nullptr, {}, {}};
    if (bytes_.pick(8) == 0) {
      out.error = bytes_.text();
      return out;
    }
    out.request = std::make_shared<const Request>(Request{"http", "shop", R"({"n":1})"});
    out.facts = {bytes_.one_of(all), Millis(bytes_.flag() ? 2'000 : 0)};
    return out;
  }

  RepliedEvent replied(StepIndex step, Direction direction) {
    static constexpr std::array all{Outcome::done, Outcome::rejected, Outcome::transient, Outcome::unknown};
    const std::uint32_t attempts = saga_.steps[step].leg(direction).attempts;
    RepliedEvent out{step, direction, bytes_.pick(5) == 0 ? bytes_.byte() : attempts, {}};
    out.reply.outcome = bytes_.one_of(all);
    out.reply.answered = bytes_.flag();
    out.reply.empty_undo = bytes_.pick(4) == 0;
    if (out.reply.outcome == Outcome::done) return out;
    out.reply.error_class = bytes_.pick(4) == 0 ? "c" + bytes_.text() : "timeout";  // never without
    out.reply.error = out.reply.error_class;
    if (bytes_.pick(4) == 0) out.reply.retry_after = Millis(bytes_.number() >> 24);
    return out;
  }

  CommandEvent command(StepIndex step) {
    CommandEvent out;
    out.command_id = "c" + std::to_string(++commands_);
    out.verb = static_cast<Verb>(bytes_.pick(5));
    if (out.verb == Verb::abandon && bytes_.pick(8) != 0) out.verb = Verb::retry;
    out.actor = "me";
    out.reason = bytes_.pick(4) == 0 ? bytes_.text() : "seen";
    const std::size_t name = bytes_.pick(4);
    if (name == 1) out.step = bytes_.text();
    if (name == 2) out.step = plan_.step(step).name;
    if (name == 3 && plan_.step(step).undo) out.step = plan_.step(step).undo->name;
    out.happened = bytes_.flag();
    if (bytes_.flag()) out.result = R"({"id":"seen"})";
    return out;
  }

  Bytes& bytes_;
  const Plan& plan_;
  const Saga& saga_;
  WallTime now_ = from_micros(1'700'000'000'000'000);
  int commands_ = 0;
};

// The journal as a store would have it, folded row by row.
class Journal {
 public:
  explicit Journal(const SagaId& id) { folded_.saga.id = id; }

  void add(Saga& saga, const Decision& decision, WallTime at) {
    if (!decision.entries.empty()) {
      const std::string row = encode_row(decision.entries);
      ++saga.seq;
      saga.updated_at = at;
      const DecodedRow again = decode_row(row);
      AMENDS_HOLDS(again.error.empty() && again.entries == decision.entries,
                   "a row reads back as it was written");
      fold_row(folded_, saga.seq, at, row);
      AMENDS_HOLDS(folded_.error.empty(), "a row fits the saga that it is of");
    }
    AMENDS_HOLDS(difference(saga, folded_.saga).empty(), "the saga is the fold of its journal");
  }

 private:
  FoldedSaga folded_;
};

void hold_answer(const Decision& decision, const Event& event) {
  const bool asked = std::holds_alternative<CommandEvent>(event.what);
  AMENDS_HOLDS(decision.answer.has_value() == asked, "a command is answered, and nothing else is");
  if (!asked) return;
  const bool took =
      decision.answer->verdict == Verdict::accepted || decision.answer->verdict == Verdict::remembered;
  AMENDS_HOLDS(took || decision.entries.empty(), "a refused command changes nothing");
  AMENDS_HOLDS(took == decision.answer->sentence.empty(), "a refusal says why");
}

// What people are offered is taken.
void hold_offers(const Saga& saga, const Plan& plan, WallTime now) {
  for (const Offer& offer : offers_of(saga, plan, now)) {
    Saga copy = saga;
    CommandEvent command{"c", offer.verb, "me", "seen", offer.step, offer.happened, std::nullopt};
    if (!offer.result_type.empty()) command.result = R"({"id":"seen"})";
    const Decision decision = Lifecycle().decide(copy, plan, {now, 0, command});
    AMENDS_HOLDS(decision.answer->verdict != Verdict::refused,
                 "what is offered to an operator is not refused");
  }
}

}  // namespace

AMENDS_FUZZ_TARGET(decide_events) {
  constexpr int events_max = 200;
  Bytes bytes(input);
  const PlanPtr plan = drawn_plan(bytes);
  Lifecycle lifecycle;
  Saga saga;
  saga.id = SagaId::make(from_micros(1'700'000'000'000'000), 7, 1);
  Journal journal(saga.id);
  properties::Observer observer(*plan);
  Events events(bytes, *plan, saga);
  Event event{from_micros(1'700'000'000'000'000), 0, StartEvent{"key", "{}"}};
  for (int i = 0; i < events_max; ++i) {
    const Saga before = saga;
    if (std::holds_alternative<RecoveredEvent>(event.what)) observer.crashed();
    const Decision decision = lifecycle.decide(saga, *plan, event);
    try {
      observer.decided(before, saga, decision);
    } catch (const properties::Broken& broken) {
      AMENDS_HOLDS(false, broken.what());
    }
    hold_answer(decision, event);
    journal.add(saga, decision, event.at);
    preview_rollback(saga, *plan);
    if (bytes.over()) break;
    event = events.next();
  }
  hold_offers(saga, *plan, event.at);
}

}  // namespace amends::fuzz
