#include "tests/simulation/people/clients.hpp"

#include "engine/base/json.hpp"

namespace amends::simulation {

using engine::Micros;
using engine::Millis;
using engine::SagaId;
using engine::StartStatus;

struct Clients::Wish {
  std::string client;
  engine::StartRequest request;
  bool posted = false;
  std::uint32_t attempts = 0;  // the last one is under way
  bool over = false, sent = false;
  std::size_t record = 0;
};

Clients::Clients(Setting& setting, Witness& witness, Fleet& fleet, Server& server, Senders& senders,
                 History& history)
    : setting_(setting),
      witness_(witness),
      fleet_(fleet),
      server_(server),
      senders_(senders),
      history_(history),
      chance_(setting.chance("clients")) {}

void Clients::begin() {
  const std::int64_t time = setting_.options.trouble_ms * 900;
  for (std::int64_t i = 0; i < setting_.options.sagas; ++i) want(i, Micros(chance_.between(0, time)));
}

namespace {

bool percent(Chance& chance, std::int64_t share) {
  return chance.below(100) < static_cast<std::uint64_t>(share);
}

std::string_view status_name(StartStatus status) {
  switch (status) {
    case StartStatus::created: return "created";
    case StartStatus::same: return "same";
    case StartStatus::key_conflict: return "key_conflict";
    case StartStatus::invalid: return "invalid";
    case StartStatus::unavailable: return "unavailable";
    case StartStatus::disk_full: return "disk_full";
  }
  return "";
}

}  // namespace

// Draws who wants what, from a stream of its own for every saga: leaving the last ones out leaves the others
// as they were.
void Clients::want(std::int64_t number, Micros at) {
  const Options& o = setting_.options;
  Chance chance = chance_.fork(static_cast<std::uint64_t>(number));
  const std::string workflow = "w" + std::to_string(chance.below(static_cast<std::uint64_t>(o.workflows)));
  const bool keyed = percent(chance, o.keyed), again = percent(chance, o.again),
             other_body = chance.one_in(5);
  const bool posted = percent(chance, o.posted), batched = percent(chance, o.batched);
  const std::uint64_t batch = 2 + chance.below(12);
  const Micros later = chance.delay(Millis(300));
  std::vector<WishPtr> wishes;
  const auto add = [&](const std::string& client, std::string key, std::int64_t input) {
    auto wish = std::make_shared<Wish>();
    wish->client = client;
    wish->request.workflow = workflow;
    wish->request.key = std::move(key);
    wish->request.input = engine::Json{{"id", input}};
    wishes.push_back(std::move(wish));
    ++open_;
  };
  const std::string client = "c" + std::to_string(number);
  const std::string key = keyed ? "k" + std::to_string(number) : "";
  add(client, key, number);
  if (batched)
    for (std::uint64_t i = 1; i < batch; ++i) add(client, keyed ? key + "." + std::to_string(i) : "", number);
  wishes.front()->posted = posted && !keyed && !batched;
  setting_.queue.after(at, "a client asks", [this, wishes] {
    wishes.front()->posted ? post(wishes.front()) : ask_together(wishes);
  });
  if (!keyed || !again) return;
  wishes.clear();
  add(client + "'", key, other_body ? number + 1'000'000 : number);
  setting_.queue.after(at + later, "a client asks once more", [this, wishes] { ask_together(wishes); });
}

// ---- asking ----------------------------------------------------------------------------------------------

void Clients::ask_together(const std::vector<WishPtr>& wishes) {
  EngineProcess* engine = fleet_.any(chance_);
  std::vector<engine::PostedStart> calls;
  for (const WishPtr& wish : wishes) {
    ++wish->attempts;
    if (!engine) {
      ask_again(wish);
      continue;
    }
    auto call = call_for(*engine, wish);
    if (call) calls.push_back(std::move(*call));
  }
  if (!calls.empty()) engine->start_sagas(std::move(calls));
}

std::optional<engine::PostedStart> Clients::call_for(EngineProcess& engine, const WishPtr& wish) {
  auto call = engine.check(wish->request);
  if (!call.ok()) {  // its plugin is missing there
    ask_again(wish);
    return std::nullopt;
  }
  wish->record = history_.open({.client = wish->client,
                                .op = "start",
                                .call_at = setting_.queue.wall(),
                                .return_at = {},
                                .status = {},
                                .key = wish->request.key,
                                .body_hash = call.value.body_hash,
                                .saga = {},
                                .verb = {},
                                .command = {},
                                .seq = {},
                                .state = {}});
  const bool gone = setting_.faults.strike(Fault::client_gone, chance_);
  wish->sent = true;
  wait_for(wish);
  const std::string hash = call.value.body_hash;
  return engine::PostedStart{std::move(call.value), [this, wish, gone, attempt = wish->attempts,
                                                     hash](const engine::StartReply& reply) {
                               witness_.started(wish->request.key, hash, reply);
                               if (!gone) hear(wish, attempt, reply);
                             }};
}

// Who hears nothing asks again, under the same key.
void Clients::wait_for(const WishPtr& wish) {
  setting_.queue.after(Millis(2'500), "a client waits no longer", [this, wish, attempt = wish->attempts] {
    if (!wish->over && wish->attempts == attempt) ask_again(wish);
  });
}

void Clients::ask_again(const WishPtr& wish) {
  // Without a key, asking again could mean two sagas.
  if (wish->request.key.empty() && wish->sent) return give_up(wish);
  setting_.queue.after(chance_.delay(Millis(150)), "a client asks again", [this, wish] {
    if (!wish->over) ask_together({wish});
  });
}

void Clients::give_up(const WishPtr& wish) {
  if (std::exchange(wish->over, true)) return;
  --open_;
}

void Clients::hear(const WishPtr& wish, std::uint32_t attempt, const engine::StartReply& reply) {
  if (wish->over || wish->attempts != attempt) return;
  const bool ok = reply.status == StartStatus::created || reply.status == StartStatus::same;
  const bool nobody_knows =
      reply.status == StartStatus::unavailable || reply.status == StartStatus::disk_full;
  history_.close(wish->record, setting_.queue.wall(), [&](HistoryRecord& record) {
    record.outcome = ok ? "ok" : nobody_knows ? "info" : "fail";
    record.status = status_name(reply.status);
    if (!nobody_knows) record.saga = reply.saga;
  });
  if (ok) have(wish, reply.saga);
  if (!nobody_knows) return give_up(wish);
  ++wish->attempts;  // the one that waits for an answer has one
  ask_again(wish);
}

// By SQL, in the caller's own transaction.
void Clients::post(const WishPtr& wish) {
  const auto shard =
      static_cast<engine::ShardId>(chance_.below(static_cast<std::uint64_t>(setting_.options.shards)));
  const SagaId saga = SagaId::make(setting_.queue.wall(), shard, chance_.draw());
  const SagaId command = SagaId::make(setting_.queue.wall(), shard, chance_.draw());
  const engine::Json body{{"workflow", wish->request.workflow}, {"input", wish->request.input}};
  server_.post({command, "start", saga, setting_.queue.wall(), engine::canonical(body)});
  witness_.promised(saga);
  give_up(wish);
}

// ---- afterwards ------------------------------------------------------------------------------------------

void Clients::have(const WishPtr& wish, const SagaId& saga) {
  const Options& o = setting_.options;
  const auto in = [&](Micros typical) { return chance_.delay(typical); };
  const bool looks = percent(chance_, o.looked_at), cancels = percent(chance_, o.cancelled);
  const bool nags = percent(chance_, o.nagged), abandons = chance_.one_in(12);
  const Micros soon = in(Millis(o.trouble_ms / 20 + 1)), later = in(Millis(300));
  if (looks) setting_.queue.after(soon, "a client looks", [this, saga] { look(saga); });
  const auto ask = [this, saga, client = wish->client](engine::Verb verb) {
    senders_.send(client, {saga, verb, client, "because", "", false, {}});
  };
  if (cancels) setting_.queue.after(soon, "a client cancels", [ask] { ask(engine::Verb::cancel); });
  if (!nags || setting_.faults.healed()) return;
  setting_.queue.after(later, "a client nags",
                       [ask, abandons] { ask(abandons ? engine::Verb::abandon : engine::Verb::retry); });
}

void Clients::look(const SagaId& saga) {
  EngineProcess* engine = fleet_.any(chance_);
  if (!engine || engine->is_stopped()) return;
  const engine::WallTime asked = setting_.queue.wall();
  const EngineProcess::LookedUp found = engine->look_up(saga);
  if (!found.answered) return;
  const Story* story = witness_.find(saga);
  if (!found.row && !(story && story->retired))
    setting_.broken("saga " + saga.text() + " was acknowledged, and is gone");
  const std::size_t record = history_.open({.client = "reader",
                                            .op = "get",
                                            .call_at = asked,
                                            .return_at = {},
                                            .status = {},
                                            .key = {},
                                            .body_hash = {},
                                            .saga = saga,
                                            .verb = {},
                                            .command = {},
                                            .seq = {},
                                            .state = {}});
  history_.close(record, setting_.queue.wall(), [&](HistoryRecord& r) {
    r.outcome = "ok";
    r.status = found.row ? "found" : "not_found";
    if (found.row) r.seq = found.row->seq, r.state = found.row->state;
  });
}

}  // namespace amends::simulation
