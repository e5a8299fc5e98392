#include "tests/simulation/judge/audit.hpp"

namespace amends::simulation {

using namespace engine;

namespace {

std::vector<CommandRow> undecided(Server& server, const Options& options) {
  if (!server.is_shared()) return {};
  std::vector<ShardId> all;
  for (std::int64_t i = 0; i < options.shards; ++i) all.push_back(static_cast<ShardId>(i));
  return server.outside().read_commands(all, {}, 1'000);
}

class Audit {
 public:
  Audit(Setting& setting, const Witness& witness, Server& server, const Network& network, const Books& books)
      : setting_(setting), witness_(witness), server_(server), network_(network), books_(books) {
    const FaultRates& rates = setting.options.rates;
    clocks_agree_ = rates[static_cast<std::size_t>(Fault::clock_skew)] == 0 &&
                    rates[static_cast<std::size_t>(Fault::clock_jump)] == 0;
  }

  void run() {
    // D1: what was acknowledged is there, or has left the store after its end.
    for (const SagaId& saga : witness_.acknowledged())
      if (!witness_.find(saga)) broken(saga, "it was acknowledged, and is not there");
    for (const SagaId& saga : witness_.promised())
      if (!witness_.find(saga)) broken(saga, "its start stood in the command table, and it is not there");
    for (const auto& [saga, story] : witness_.stories()) hold_rows(story);
    for (const auto& [saga, story] : witness_.stories()) hold_effects(story);
    hold_no_effect_out_of_nothing();
  }

 private:
  void broken(const SagaId& saga, const std::string& sentence) {
    setting_.broken("saga " + saga.text() + ": " + sentence);
  }

  // D5: the row says what the journal says, and both stand in the tables as they were written.
  void hold_rows(const Story& story) {
    const Saga& saga = story.saga();
    const auto row = server_.find_row(saga.id);
    if (story.retired) return;
    if (!row) return broken(saga.id, "its row is gone");
    if (row->state != name_of(saga.state))
      broken(saga.id,
             "its row says '" + row->state + "', its journal '" + std::string(name_of(saga.state)) + "'");
    if (row->active == is_terminal(saga.state)) broken(saga.id, "its row is wrong about whether it is over");
    const auto journal = server_.read_journal(saga.id);
    if (journal.size() != saga.seq) broken(saga.id, "its journal has lost rows");
  }

  // F1, C1: all of it happened once, or nothing stands. What a participant lied about, and what a person
  // decided, is not the engine's to answer for.
  void hold_effects(const Story& story) {
    const Saga& saga = story.saga();
    if (saga.state == SagaState::abandoned) return;
    for (StepIndex i = 0; i < story.plan->plan->size(); ++i) {
      const Step& step = story.plan->plan->step(i);
      if (step.kind != StepKind::read) hold_step(saga, step, saga.steps[i]);
    }
  }

  void hold_step(const Saga& saga, const Step& step, const StepProgress& progress) {
    const Standing books = books_.find(saga.id, step.name);
    if (books.lied) return;
    const Idempotency kind = network_.find(step.endpoint)->facts().idempotency;
    const std::string who = "step '" + step.name + "' (" + std::string(name_of(kind)) + ")";
    if (kind == Idempotency::barrier && (books.did > 1 || books.undid > 1))
      broken(saga.id, who + " took effect more than once");
    if (kind == Idempotency::barrier && books.undid > books.did)
      broken(saga.id, who + " took back what it had not done");
    if (books.hung && (kind == Idempotency::barrier || clocks_agree_))
      broken(saga.id, who + " took effect after its undo");
    // Where only the clocks keep a late request away, wrong clocks let it in.
    if (kind != Idempotency::barrier && !clocks_agree_) return;
    if (progress.act && progress.act->verb != Verb::retry) return;
    const bool done = progress.state == StepState::succeeded;
    const int wanted = saga.state == SagaState::completed && done ? 1 : 0;
    const bool left = progress.state == StepState::undo_skipped;
    if (books.now != wanted && !left)
      broken(saga.id, who + " of a saga that is " + std::string(name_of(saga.state)) + " stands " +
                          std::to_string(books.now) + " times");
  }

  // F2: every effect belongs to a journalled attempt.
  void hold_no_effect_out_of_nothing() {
    for (const auto& [where, standing] : books_.all()) {
      const Story* story = witness_.find(where.first);
      if (!story) {
        broken(where.first, "it took effect, and was never started");
        continue;
      }
      const auto step = story->plan->plan->find_step(where.second);
      if (standing.did > 0 && (!step || story->saga().steps[*step].run.attempts == 0))
        broken(where.first, "step '" + where.second + "' took effect, and was never asked for");
    }
  }

  Setting& setting_;
  const Witness& witness_;
  Server& server_;
  const Network& network_;
  const Books& books_;
  bool clocks_agree_ = false;
};

}  // namespace

void audit(Setting& setting, const Witness& witness, Server& server, const Network& network,
           const Books& books) {
  Audit(setting, witness, server, network, books).run();
}

std::string what_is_left(const Witness& witness, Server& server, const Options& options) {
  std::string out;
  int told = 0;
  for (const SagaId& id : witness.open()) {
    if (++told > 3) break;
    const Story& story = *witness.find(id);
    out += "\n  " + id.text() + " is " + std::string(name_of(story.saga().state)) + ", of '" +
           witness.owner_of(id.shard()) + "'";
    if (const auto step = story.saga().cause.step)
      out += ", step '" + story.plan->plan->step(*step).name + "'";
    for (const JournalRow& row : server.read_journal(id)) out += "\n    " + row.body;
  }
  for (const SagaId& id : witness.promised())
    if (!witness.find(id)) out += "\n  " + id.text() + " stands in the command table";
  for (const CommandRow& row : undecided(server, options))
    out += "\n  '" + row.kind + "' for " + row.saga.text() + " is undecided by '" +
           witness.owner_of(row.id.shard()) + "'";
  return out;
}

}  // namespace amends::simulation
