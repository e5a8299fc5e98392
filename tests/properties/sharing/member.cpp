#include "tests/properties/sharing/member.hpp"

#include <algorithm>

namespace amends::properties {

using namespace engine;

namespace {

constexpr Millis term{400};
constexpr Token no_caller = 0;  // of what came through the store

LoopOptions loop_options(const Surroundings& around) {
  LoopOptions out;
  out.shard.shared = true;
  out.shard.leave_max = Millis(300);
  out.shard.cold_after = around.cold_after;
  out.shard.quiet_wait_max = std::min(out.shard.quiet_wait_max, around.cold_after);
  return out;
}

}  // namespace

Member::Process::Process(const std::string& name, Surroundings& around, Entropy& entropy)
    : clock(around),
      store(name, around, term),
      catalog(around.plan),
      network(name, around),
      writer(name, clock, store, lease, [this](WriterReport what) { inbox.report(what); }),
      loop(loop_options(around),
           LoopParts{clock, entropy, catalog, {&network}, observer, lease, inbox, standing, jobs, authors},
           {around.plan}) {}

Member::Member(std::string name, Surroundings& around) : name_(std::move(name)), around_(around) {
  for (const char letter : name_) entropy_.next += static_cast<std::uint64_t>(letter) << 40;
}

// ---- what becomes of the process -------------------------------------------------------------------------

void Member::join() {
  process_ = std::make_unique<Process>(name_, around_, entropy_);
  const Opened opened = process_->store.take_over(name_, around_.now.wall);
  if (opened.writer)
    process_->loop.begin(*opened.writer);
  else
    process_.reset();
}

void Member::crash() {
  process_.reset();
}

void Member::stop() {
  process_->standing.stopping = true;
}

// ---- its threads -----------------------------------------------------------------------------------------

void Member::turn() {
  if (!process_) return;
  InboxItems items;
  process_->inbox.take_now(items);
  const bool quiet = items.empty();
  process_->loop.turn(items, around_.now);
  if (!process_->standing.stopping || !process_->loop.finished(quiet)) return;
  process_->loop.answer_rest();
  process_.reset();
}

bool Member::may_work() const {
  return process_ && (!process_->jobs.jobs.empty() || process_->writer.has_work()) &&
         process_->writer_waits_until <= around_.now.elapsed;
}

void Member::work() {
  if (!may_work()) return;
  Process& one = *process_;
  Millis pause{};
  if (one.jobs.jobs.empty() || !one.writer.takes_job()) {
    pause = one.writer.go_on();
  } else {
    const WriterJob job = std::move(one.jobs.jobs.front());
    one.jobs.jobs.pop_front();
    pause = one.writer.begin(job);
  }
  one.writer_waits_until = around_.now.elapsed + pause;
}

void Member::prepare(std::uint32_t at) {
  std::vector<PrepareJob>& jobs = process_->authors.asked;
  const PrepareJob job = std::move(jobs[at]);
  jobs.erase(jobs.begin() + at);
  PreparedEvent event{job.leg.step, job.leg.direction, nullptr, {Idempotency::barrier, Millis(0)}, {}};
  event.request = std::make_shared<const Request>(Request{"http", "participant", R"({"n":1})"});
  std::vector<PrepareResult> results{{job.saga, std::move(event), job.life}};
  process_->inbox.put(&InboxItems::prepared, results);
}

void Member::answer(std::uint32_t at, Reply reply) {
  std::vector<Attempt>& attempts = process_->network.asked;
  const Attempt attempt = std::move(attempts[at]);
  attempts.erase(attempts.begin() + at);
  process_->network.sink->deliver(
      {{attempt.saga, attempt.step, attempt.direction, attempt.number, std::move(reply)}});
}

// ---- what comes in ---------------------------------------------------------------------------------------

void Member::start(Token token, std::string key) {
  process_->entrance.start({0, around_.plan, std::move(key), "h", R"({"id":1})", {}},
                           [this, token](StartReply reply) {
                             reply.token = token;
                             around_.started(reply);
                           });
}

void Member::command(Token token, const SagaId& saga, CommandEvent what) {
  process_->entrance.command({0, saga, std::move(what)}, [this, token](CommandReply reply) {
    reply.token = token;
    around_.answered(reply);
  });
}

void Member::look_for_commands() {
  const Elapsed before = around_.now.elapsed;
  for (CommandRow& row : process_->store.read_commands(process_->standing.owned()->ours, {}, 100))
    if (process_->in_hand.insert(row.id).second) process_->seen.emplace_back(std::move(row), before);
}

void Member::take_commands() {
  for (const auto& [row, read_at] : std::exchange(process_->seen, {})) take_posted(row, read_at);
}

void Member::take_posted(const CommandRow& row, Elapsed read_at) {
  if (row.kind == "start") {
    StartCall call{0, around_.plan, {}, {}, R"({"id":1})", {}};
    call.saga = row.saga;
    call.posted = Posted{row.id, read_at};
    return process_->entrance.start(std::move(call), [this, id = row.id](StartReply reply) {
      process_->in_hand.erase(id);
      reply.token = no_caller;
      around_.started(reply);
    });
  }
  CommandCall call{0, row.saga, {}, Posted{row.id, read_at}};
  call.command.command_id = row.id.text();
  call.command.verb = Verb::cancel;
  call.command.actor = "ann";
  call.command.reason = "because";
  process_->entrance.command(std::move(call), [this, id = row.id](CommandReply reply) {
    process_->in_hand.erase(id);
    reply.token = no_caller;
    around_.answered(reply);
  });
}

}  // namespace amends::properties
