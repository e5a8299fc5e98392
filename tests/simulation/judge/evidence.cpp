#include "tests/simulation/judge/evidence.hpp"

#include <fstream>

#include "engine/base/json.hpp"
#include "engine/base/sha256.hpp"
#include "tests/simulation/world.hpp"

namespace amends::simulation {

using engine::Json;
using engine::to_micros;

namespace {

class File {
 public:
  File(const std::string& directory, const char* name) : out_(directory + "/" + name) {}
  void line(const Json& json) { out_ << json.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n'; }

 private:
  std::ofstream out_;
};

Json hash_of(const Json& value) {
  return engine::hex(engine::sha256(engine::canonical(value)));
}

// As the journal's `prepared.body` has it.
Json hash_of(const HttpRequest& request) {
  Json prepared{{"method", request.method}, {"path", request.path}};
  if (!request.body.empty()) prepared["body"] = Json::parse(request.body);
  return hash_of(prepared);
}

// Nothing for what is no JSON: no result can be made out of it.
Json hash_of_result(const std::string& text) {
  const Json value = Json::parse(text, nullptr, false);
  return value.is_discarded() ? Json() : hash_of(value);
}

Json text_or_null(const std::string& text) {
  return text.empty() ? Json() : Json(text);
}

// So far may a clock be from another one.
std::int64_t clocks_apart(const Options& options) {
  const auto rate = [&](Fault fault) { return options.rates[static_cast<std::size_t>(fault)]; };
  constexpr std::int64_t jump_us = 40'000'000;
  return rate(Fault::clock_skew) > 0 || rate(Fault::clock_jump) > 0 ? jump_us : 0;
}

void write_run(const World& world, const std::string& directory) {
  const Options& options = world.setting().options;
  Json drawn = Json::object();
  Options copy = options;
  for (const Knob& knob : knobs_of(copy)) drawn[knob.name] = *knob.value;
  std::int64_t backoff_max = 0;
  for (const engine::PlanPtr& plan : world.plans())
    for (const engine::Step& step : plan->steps())
      backoff_max = std::max(backoff_max, step.retry.delay_max.count() * 1000);
  // Where a flush takes few sagas, timers wait for their turn.
  const bool prompt = options.flush_sagas >= 16;
  File(directory, "run.json")
      .line({{"kind", "simulation"},
             {"seed", options.seed},
             {"options", drawn},
             {"version", "0.1.0"},
             {"began_at", to_micros(world.began_at())},
             {"healed_at", to_micros(world.healed_at())},
             {"ended_at", to_micros(world.setting().queue.wall())},
             {"quiescent", world.is_quiescent()},
             {"hash", world.setting().queue.hash()},
             {"hashes", "canonical"},
             {"retires", options.retire_ms > 0},
             {"limits",
              {{"converge_us", world.converge_max().count()},
               {"settle_us", prompt ? Json(options.lease_ms * 1000 + backoff_max) : Json()},
               {"clock_skew_us", clocks_apart(options)},
               {"owner_lag_us", options.shards > 1 ? Json(0) : Json()},
               {"drop_us", options.lease_ms * 1000}}}});
  File plans(directory, "plans.jsonl");
  for (const engine::PlanPtr& plan : world.plans())
    plans.line(
        {{"plan_id", plan->id()}, {"shape", plan->shape()}, {"graph", Json::parse(plan->graph_json())}});
}

void write_store(World& world, const std::string& directory) {
  const Witness& witness = world.witness();
  File journal(directory, "journal.jsonl");
  for (const JournalRecord& row : witness.journal())
    journal.line({{"saga", row.saga.text()},
                  {"seq", row.seq},
                  {"writer", row.writer},
                  {"epoch", row.epoch},
                  {"commit", row.commit},
                  {"at", to_micros(row.at)},
                  {"landed", to_micros(row.landed)},
                  {"entries", Json::parse(row.body)}});
  File sagas(directory, "sagas.jsonl");
  for (const auto& [id, story] : witness.stories()) {
    const auto row = world.server().find_row(id);
    if (!row) continue;
    sagas.line({{"saga", id.text()},
                {"plan_id", row->plan_id},
                {"workflow", row->workflow},
                {"key", row->key},
                {"state", row->state},
                {"step", row->step},
                {"error_class", row->error_class},
                {"seq", row->seq},
                {"active", row->active},
                {"wake_at", row->wake_at ? Json(to_micros(*row->wake_at)) : Json()},
                {"created_at", to_micros(row->created_at)},
                {"updated_at", to_micros(row->updated_at)}});
  }
  File keys(directory, "start_keys.jsonl");
  for (const auto& [key, claim] : witness.keys())
    keys.line({{"key", key}, {"saga", claim.first.text()}, {"body_hash", claim.second}});
  File commands(directory, "commands.jsonl");
  for (const engine::CommandRow& row : world.server().posted()) {
    const auto done = world.server().outside().find_done({row.id});
    Json line{{"command_id", row.id.text()},
              {"kind", row.kind},
              {"saga", row.saga.text()},
              {"at", to_micros(row.at)},
              {"body", row.body}};
    line["answered"] = !done.empty();
    line["verdict"] = done.empty() ? Json() : Json(done.front().verdict);
    commands.line(line);
  }
}

void write_outside(const World& world, const std::string& directory) {
  File participants(directory, "participants.jsonl");
  for (const BookRecord& record : world.books().records())
    participants.line({{"who", record.who},
                       {"rseq", record.number},
                       {"at", to_micros(record.at)},
                       {"key", record.request.key},
                       {"number", record.request.attempt},
                       {"epoch", record.request.epoch},
                       {"not_after", record.request.not_after_ms * 1000},
                       {"body_hash", hash_of(record.request)},
                       {"code", record.code},
                       {"status", record.status},
                       {"effect", record.effect},
                       {"result_hash", hash_of_result(record.result)}});
  File network(directory, "network.jsonl");
  for (const NetworkRecord& record : world.network().records())
    network.line({{"at", to_micros(record.at)},
                  {"engine", record.engine},
                  {"writer", record.engine},
                  {"epoch", record.epoch},
                  {"saga", record.saga.text()},
                  {"key", record.key},
                  {"number", record.number},
                  {"sent_at", to_micros(record.at)},
                  {"first_byte_at", record.first_byte_at ? Json(to_micros(*record.first_byte_at)) : Json()},
                  {"copies", record.copies},
                  {"request", record.copies > 0 ? "delivered" : "lost"},
                  {"reply", record.reply}});
}

void write_people(const World& world, const std::string& directory) {
  File clients(directory, "clients.jsonl");
  for (const HistoryRecord& r : world.history().records())
    clients.line({{"client", r.client},
                  {"op", r.op},
                  {"call_at", to_micros(r.call_at)},
                  {"return_at", r.return_at ? Json(to_micros(*r.return_at)) : Json()},
                  {"outcome", r.outcome},
                  {"status", text_or_null(r.status)},
                  {"key", text_or_null(r.key)},
                  {"body_hash", text_or_null(r.body_hash)},
                  {"saga", r.saga ? Json(r.saga->text()) : Json()},
                  {"verb", text_or_null(r.verb)},
                  {"command_id", text_or_null(r.command)},
                  {"answer", text_or_null(r.op == "command" ? r.status : "")},
                  {"seq", r.seq ? Json(*r.seq) : Json()},
                  {"state", text_or_null(r.state)}});
  File engines(directory, "engines.jsonl");
  for (const EngineRecord& r : world.witness().engines()) {
    Json line{{"at", to_micros(r.at)}, {"engine", r.engine}, {"writer", r.engine},
              {"epoch", r.epoch},      {"event", r.event},   {"shards", r.shards}};
    // What became of a commit in doubt.
    if (r.event == "landed" || r.event == "lost")
      line["event"] = "settled", line["landed"] = r.event == "landed";
    engines.line(line);
  }
  File faults(directory, "faults.jsonl");
  for (const FaultRecord& r : world.setting().faults.log())
    faults.line({{"at", to_micros(r.at)}, {"kind", name_of(r.fault)}, {"detail", r.detail}});
  const std::int64_t end = to_micros(world.setting().queue.wall());
  for (const auto& [where, standing] : world.books().all())
    if (standing.lied)
      faults.line({{"at", end}, {"kind", "lie"}, {"saga", where.first.text()}, {"step", where.second}});
}

}  // namespace

void write_evidence(World& world, const std::string& directory) {
  write_run(world, directory);
  write_store(world, directory);
  write_outside(world, directory);
  write_people(world, directory);
}

}  // namespace amends::simulation
