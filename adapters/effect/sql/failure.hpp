// What can go wrong between us and a participant's database, and the outcome that follows from it.
// docs/sql_steps.md is this table in words.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "adapters/effect/sql/options.hpp"
#include "engine/definition/outcome.hpp"

namespace amends::sql {

// How far a transaction had come.
enum class Phase : std::uint8_t {
  connect,
  open,    // begin, the barrier's lock and rows
  work,    // the step's statements
  keep,    // the barrier's own row
  commit,  // from here on, what was sent may have happened although nobody said so
};

enum class Trouble : std::uint8_t {
  refused,  // the database said no, with a code, and rolled back
  ended,    // it said with a code that it ends the connection (FATAL, PANIC)
  lost,     // the connection broke
  timeout,  // the attempt's time was over
  stopped,  // the adapter stopped and would not wait
  unmet,    // ours: the rows are not what the step asked for; `code` is the class
};

// Thrown by sessions, ends in perform().
struct Failure {
  Phase phase = Phase::connect;
  Trouble trouble = Trouble::lost;
  std::string code;  // an SQLSTATE, "SQLITE_BUSY", or a class of ours
  std::string text;  // one line, for people
};

struct Judgement {
  engine::Outcome outcome = engine::Outcome::unknown;
  std::string error_class;
  bool is_loud = false;  // an operator has to mend something, and should not have to look for it
};

// One SQLSTATE, or a whole class where `code` has two characters; or one of SQLite's codes.
struct CodeRow {
  std::string_view code;
  engine::Outcome outcome;
  std::string_view why;
  bool is_loud = false;
};

// What a refusal before the COMMIT was sent means: rolled back, so never unknown. The longest match decides;
// a code that stands in no row is transient.
const std::vector<CodeRow>& sqlstate_rows();
const std::vector<CodeRow>& sqlite_rows();

Judgement judge(Dialect dialect, const Failure& failure);

// The sentence for people.
std::string sentence(const Failure& failure);

}  // namespace amends::sql
