// Sees everything that happens and holds it against what was promised, at the moment when it happens. It
// believes nobody: it folds what is in the tables itself, and asks the tables who owns what.
//
// To add a promise: a method here for the moment at which it can be judged, or a line in lawful.cpp where the
// moment is a new journal entry, or in audit.cpp where it is the end.
#pragma once
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/journal/saga.hpp"
#include "engine/ports/effect.hpp"
#include "engine/runtime/messages.hpp"
#include "tests/simulation/base/setting.hpp"
#include "tests/simulation/judge/lawful.hpp"

namespace amends::simulation {

// What the tables hold of one saga, folded row by row.
struct Story {
  engine::FoldedSaga folded;
  const PlanFacts* plan = nullptr;
  engine::SagaRow row;                                      // as it stands in the table
  std::string writer;                                       // who wrote last
  std::uint64_t epoch = 0;                                  // ... and in which incarnation
  bool moved = false;                                       // several engines wrote it
  bool sleeps = false;                                      // it waits for so long that it has left memory
  bool retired = false;                                     // it has left the store, over
  bool touched = false;                                     // an operator has decided what became of a step
  std::map<engine::LegRef, std::string, LegLess> timer_of;  // which incarnation set a leg's timer
  const engine::Saga& saga() const { return folded.saga; }
};

struct JournalRecord {
  engine::SagaId saga;
  std::uint32_t seq = 0;
  std::string writer;
  std::uint64_t epoch = 0, commit = 0;
  engine::WallTime at{}, landed{};  // by the engine's clock, and by the store's
  std::string body;
};

struct EngineRecord {
  engine::WallTime at{};
  std::string engine;
  std::uint64_t epoch = 0;
  std::string event;
  std::vector<engine::ShardId> shards;
};

class Witness {
 public:
  explicit Witness(Setting& setting) : setting_(setting) {}
  void knows(engine::PlanPtr plan);

  // ---- the store: what is in the tables from now on ----
  void began(const std::string& engine, std::uint64_t epoch, std::uint64_t commit_seq);
  void written(const std::string& engine, std::uint64_t epoch, const engine::Batch& batch,
               const std::vector<engine::KeyTaken>& taken);
  void owned(engine::ShardId shard, const std::string& engine);
  void gives_up(const std::string& engine, const std::vector<engine::ShardId>& shards);
  void retired(const std::vector<engine::SagaId>& sagas);

  // ---- engines ----
  void happened(const std::string& engine, std::uint64_t epoch, const char* event);
  void sent(const std::string& engine, const engine::Attempt& attempt);

  // ---- what callers hear ----
  void started(const std::string& key, const std::string& body_hash, const engine::StartReply& reply);
  void commanded(const std::string& command, const engine::CommandAnswer& answer);
  void done(const engine::CommandDone& done);
  // A start stands in the command table.
  void promised(const engine::SagaId& saga) { promised_.insert(saga); }

  const std::map<engine::SagaId, Story>& stories() const { return stories_; }
  const Story* find(const engine::SagaId& saga) const;
  std::string owner_of(engine::ShardId shard) const;
  const std::vector<JournalRecord>& journal() const { return journal_; }
  const std::vector<EngineRecord>& engines() const { return engines_; }
  const std::set<engine::SagaId>& acknowledged() const { return acknowledged_; }
  const std::set<engine::SagaId>& promised() const { return promised_; }
  // Those that are not over, and of those the ones that rest with an operator.
  const std::set<engine::SagaId>& open() const { return open_; }
  const std::set<engine::SagaId>& parked() const { return parked_; }
  const std::map<std::string, int>& obeyed() const { return obeyed_; }
  // That were acknowledged: their sagas, and the hashes of their bodies.
  const std::map<std::string, std::pair<engine::SagaId, std::string>>& keys() const { return keys_; }

 private:
  struct Incarnation {
    std::uint64_t epoch = 0, commit_seq = 0;
  };
  struct WrittenBy {
    const std::string& engine;
    std::uint64_t epoch = 0, commit = 0;  // of the flush, whether or not it should have landed
  };
  void row(const WrittenBy& by, const engine::JournalRow& row);
  void entry(Story& story, const engine::Entry& entry, const std::string& engine, engine::WallTime at);
  void update(const engine::SagaRow& row);
  void broken(const engine::SagaId& saga, const std::string& sentence);

  Setting& setting_;
  std::map<std::string, PlanFacts> plans_;  // by id
  std::map<engine::SagaId, Story> stories_;
  std::map<std::string, Incarnation> incarnations_;
  std::map<engine::ShardId, std::string> owners_;
  std::set<engine::ShardId> given_;  // by their owners, and not taken since
  struct SentKey {
    std::size_t body = 0;  // its hash
    std::vector<std::uint32_t> numbers;
  };
  std::unordered_map<std::string, SentKey> sent_;
  std::map<std::string, std::pair<engine::SagaId, std::string>> keys_;  // acknowledged: saga, body
  std::set<engine::SagaId> acknowledged_, promised_, open_, parked_;
  std::map<std::string, int> obeyed_;  // command entries, by command
  std::vector<JournalRecord> journal_;
  std::vector<EngineRecord> engines_;
};

}  // namespace amends::simulation
