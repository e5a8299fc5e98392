// What participants promise about keys, and how they keep it.
#include <sqlite3.h>

#include <map>
#include <set>

#include "adapters/barrier/include/amends/barrier.hpp"
#include "engine/base/check.hpp"
#include "tests/simulation/base/plants.hpp"
#include "tests/simulation/outside/participant.hpp"

namespace amends::simulation {
namespace {

using engine::Direction;
using engine::EndpointFacts;
using engine::Idempotency;
using engine::Millis;

BarrierCall barrier_call(const HttpRequest& request) {
  auto call = parse_barrier_key(request.key);
  AMENDS_CHECK(call, "the engine's keys are the barrier's");
  call->not_after_ms = request.not_after_ms;
  return std::move(*call);
}

BarrierAnswer kept(const HttpAnswer& answer) {
  return {answer.status >= 400, answer.status, answer.body};
}

HttpAnswer sent(const BarrierResult& result) {
  return {result.answer.status, result.answer.body, std::string(name_of(result.code)), {}};
}

// The rules that ship, over a map.
class BarrierParticipant final : public Participant {
 public:
  using Participant::Participant;
  EndpointFacts facts() const override { return {Idempotency::barrier, Millis(0)}; }

 private:
  struct Row {
    std::string direction;
    std::int64_t revision = 1;
    std::string code;
    BarrierAnswer answer;
  };
  Served serve(const HttpRequest& request) override {
    const BarrierCall call = barrier_call(request);
    std::vector<Row>& rows = table_[{request.saga, request.step}];
    BarrierSeen seen;
    for (const Row& row : rows) seen.add(call, row.direction, row.revision, row.code, row.answer);
    BarrierResult result;
    switch (decide_barrier(call, seen, now_ms(), result)) {
      case BarrierVerdict::answer: return {sent(result), std::string(name_of(result.code)), false};
      case BarrierVerdict::keep:
        if (result.code == BarrierCode::empty_undo && planted("empty_undo_unchecked"))
          result = {BarrierCode::applied, kept(do_it(request))};
        break;
      case BarrierVerdict::work: result = {BarrierCode::applied, kept(do_it(request))}; break;
    }
    rows.push_back({std::string(engine::name_of(request.direction)), call.revision,
                    std::string(kept_code(result)), result.answer});
    return {sent(result), std::string(name_of(result.code)), true};
  }

  std::map<std::pair<engine::SagaId, std::string>, std::vector<Row>> table_;
};

// The library that ships, over a database.
class SqliteBarrierParticipant final : public Participant {
 public:
  SqliteBarrierParticipant(Setting& setting, Books& books, std::string name)
      : Participant(setting, books, std::move(name)) {
    sqlite3* db = nullptr;
    AMENDS_CHECK(sqlite3_open(":memory:", &db) == SQLITE_OK, "no memory for a database");
    db_.reset(db);
    barrier_.emplace(db, [this] { return now_ms(); });
  }
  EndpointFacts facts() const override { return {Idempotency::barrier, Millis(0)}; }

 private:
  Served serve(const HttpRequest& request) override {
    const BarrierResult result = barrier_->call(barrier_call(request), [&] { return kept(do_it(request)); });
    return {sent(result), std::string(name_of(result.code)), result.code == BarrierCode::applied};
  }

  struct Close {
    void operator()(sqlite3* db) const { sqlite3_close(db); }
  };
  std::unique_ptr<sqlite3, Close> db_;
  std::optional<Barrier> barrier_;
};

// Knows a key again, for ever or for a while, and nothing of undos.
class KeyParticipant final : public Participant {
 public:
  KeyParticipant(Setting& setting, Books& books, std::string name, Millis remembers)
      : Participant(setting, books, std::move(name)), remembers_(remembers) {}
  EndpointFacts facts() const override { return {Idempotency::key, remembers_}; }

 private:
  struct Known {
    HttpAnswer answer;
    engine::Micros since{};
  };
  // Longer than any attempt is under way, and than clocks are apart that mean well.
  static constexpr Millis slack{2'000};

  Served serve(const HttpRequest& request) override {
    const auto known = known_.find(request.key);
    const auto age = known == known_.end() ? engine::Micros(0) : setting_.queue.now() - known->second.since;
    const bool forgotten = remembers_ > Millis(0) && age > remembers_ + slack;
    if (known != known_.end() && !forgotten) return {known->second.answer, "replayed", false};
    HttpAnswer answer = do_it(request);
    known_[request.key] = {answer, setting_.queue.now()};
    return {std::move(answer), "applied", true};
  }

  const Millis remembers_;
  std::map<std::string, Known> known_;
};

// Knows nothing. Where it is natural, doing it twice is doing it once; else it happens twice.
class ForgetfulParticipant final : public Participant {
 public:
  ForgetfulParticipant(Setting& setting, Books& books, std::string name, Idempotency idempotency)
      : Participant(setting, books, std::move(name)), idempotency_(idempotency) {}
  EndpointFacts facts() const override { return {idempotency_, Millis(0)}; }

 private:
  Served serve(const HttpRequest& request) override { return {do_it(request), "none", true}; }

  const Idempotency idempotency_;
};

}  // namespace

std::unique_ptr<Participant> draw_participant(Setting& setting, Books& books, std::size_t index) {
  std::string name = "p" + std::to_string(index);
  Chance chance = setting.chance("participants").fork(index);
  switch (chance.below(8)) {
    case 0: return std::make_unique<KeyParticipant>(setting, books, std::move(name), Millis(0));
    case 1: return std::make_unique<KeyParticipant>(setting, books, std::move(name), Millis(2'000));
    case 2:
      return std::make_unique<ForgetfulParticipant>(setting, books, std::move(name), Idempotency::natural);
    case 3: return std::make_unique<ForgetfulParticipant>(setting, books, std::move(name), Idempotency::none);
    default: break;
  }
  if (setting.options.real_barrier != 0)
    return std::make_unique<SqliteBarrierParticipant>(setting, books, std::move(name));
  return std::make_unique<BarrierParticipant>(setting, books, std::move(name));
}

}  // namespace amends::simulation
