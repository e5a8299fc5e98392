// Three engines over one set of tables, their participants, their callers, and everything that can happen to
// them. A tape decides what happens; what was promised is checked when it happens and at the end.
#pragma once
#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/properties/sharing/member.hpp"

namespace amends::properties {

class World : private Surroundings {
 public:
  explicit World(Tape& tape);

  // Trouble until the tape ends, then everything heals until every saga is over. Throws Broken.
  void run();

  std::size_t sagas() const { return finished_; }
  std::size_t moved() const { return moved_.size(); }  // sagas that several engines wrote

 private:
  void sent(const std::string& member, const engine::Attempt& attempt) override;
  void started(const engine::StartReply& reply) override;
  void answered(const engine::CommandReply& reply) override;
  void written(const std::string& member, const engine::Batch& batch) override;

  void trouble();
  void step(Member& member);
  void call(Member& member);
  void accident(Member& member);
  void post();
  void pass(engine::Millis time);
  engine::Reply reply_of(bool healthy);
  engine::SagaId any_saga();

  void heal();
  bool is_over();
  std::vector<engine::CommandRow> undecided();
  std::string what_is_left();
  void ask_operator(Member& member);
  void hold_end();
  std::string owner_of(engine::ShardId shard);
  std::vector<engine::SagaRow> rows();

  Tape& tape_;
  memory::MemoryStore outside_;  // reads, and posts commands
  std::deque<Member> members_;
  std::set<std::size_t> stopped_;  // by SIGSTOP, and not yet resumed
  engine::Token token_ = 0;
  std::uint64_t posted_ = 0;

  std::map<engine::Token, std::string> keys_;             // of starts that were called
  std::map<std::string, engine::SagaId> acknowledged_;    // by key
  std::set<engine::SagaId> created_;                      // acknowledged, with or without a key
  std::vector<engine::SagaId> posted_starts_;             // their sagas
  std::map<engine::Token, std::string> commands_;         // their ids
  std::set<std::string> accepted_;                        // ids of commands
  std::set<std::pair<std::string, std::uint32_t>> sent_;  // key and number
  std::map<engine::SagaId, std::string> writer_;          // the last one
  std::set<engine::SagaId> moved_;
  std::size_t finished_ = 0;
};

}  // namespace amends::properties
