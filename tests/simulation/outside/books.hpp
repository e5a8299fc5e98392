// What really happened: every effect on the outside world, in the order in which a participant had it. The
// engine never sees this; the audit reads nothing else.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/time.hpp"
#include "tests/simulation/outside/http.hpp"

namespace amends::simulation {

// Of one step of one saga, at its participant.
struct Standing {
  int did = 0, undid = 0;
  int now = 0;        // effects that stand
  bool lied = false;  // the participant has told something else than it did: nobody can get this right
  bool hung = false;  // a run took effect after its undo
};

struct BookRecord {
  std::string who;
  std::uint64_t number = 0;  // in its own order
  engine::WallTime at{};
  HttpRequest request;
  std::string code;  // name of the barrier's code, or "none"
  int status = 0;
  std::string effect;  // "did", "undid", "none"
  std::string result;
};

class Books {
 public:
  explicit Books(bool keep_records) : keep_records_(keep_records) {}

  Standing& of(const engine::SagaId& saga, const std::string& step) { return standing_[{saga, step}]; }
  Standing find(const engine::SagaId& saga, const std::string& step) const {
    const auto found = standing_.find({saga, step});
    return found == standing_.end() ? Standing{} : found->second;
  }
  const std::map<std::pair<engine::SagaId, std::string>, Standing>& all() const { return standing_; }

  // Doing it twice is doing it once where it is `natural`.
  void did(const HttpRequest& request, bool natural) {
    Standing& step = of(request.saga, request.step);
    ++step.did;
    if (step.undid > 0) step.hung = true;
    step.now = natural ? 1 : step.now + 1;
  }
  void undid(const HttpRequest& request) {
    Standing& step = of(request.saga, request.step);
    ++step.undid;
    step.now = 0;
  }

  void note(BookRecord record) {
    if (!keep_records_) return;
    record.number = ++numbers_[record.who];
    records_.push_back(std::move(record));
  }
  const std::vector<BookRecord>& records() const { return records_; }

 private:
  const bool keep_records_;
  std::map<std::pair<engine::SagaId, std::string>, Standing> standing_;
  std::map<std::string, std::uint64_t> numbers_;
  std::vector<BookRecord> records_;
};

}  // namespace amends::simulation
