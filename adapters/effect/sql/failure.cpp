#include "adapters/effect/sql/failure.hpp"

#include <algorithm>

#include "engine/base/text.hpp"

namespace amends::sql {
namespace {

using engine::Outcome;

// "sql_23505", "sqlite_busy".
std::string class_of(Dialect dialect, const Failure& failure) {
  std::string out = dialect == Dialect::postgres ? "sql_" : "";
  for (const char c : failure.code) out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out.substr(0, engine::error_class_bytes_max);
}

const CodeRow* find_row(Dialect dialect, std::string_view code) {
  const auto& rows = dialect == Dialect::postgres ? sqlstate_rows() : sqlite_rows();
  const CodeRow* found = nullptr;
  for (const CodeRow& row : rows) {
    const bool is_class = dialect == Dialect::postgres && row.code.size() == 2 && code.starts_with(row.code);
    if ((is_class || row.code == code) && (found == nullptr || row.code.size() > found->code.size()))
      found = &row;
  }
  return found;
}

// The database said no, and so rolled back.
Judgement judge_refusal(Dialect dialect, const Failure& failure) {
  if (failure.phase == Phase::open && (failure.code == "42P01" || failure.code == "SQLITE_ERROR_MISSING"))
    return {Outcome::transient, "no_barrier_table", true};
  if (failure.code == "no_credential") return {Outcome::transient, failure.code, true};
  const CodeRow* row = find_row(dialect, failure.code);
  Judgement out{Outcome::transient, class_of(dialect, failure), row != nullptr && row->is_loud};
  // Outside of the step's own statements a refusal says nothing about the business.
  const bool is_business = failure.phase == Phase::work || failure.phase == Phase::commit;
  if (row != nullptr && is_business) out.outcome = row->outcome;
  return out;
}

// SQLite's commit: busy is a clean refusal, a broken constraint too; after anything else the rows may stand
// in the log and come back to life with a restart.
bool is_clean_refusal(const std::string& code) {
  return code == "SQLITE_BUSY" || code == "SQLITE_LOCKED" || code.starts_with("SQLITE_CONSTRAINT");
}

}  // namespace

Judgement judge(Dialect dialect, const Failure& failure) {
  const bool sent = failure.phase == Phase::commit;
  const Outcome cut = sent ? Outcome::unknown : Outcome::transient;
  switch (failure.trouble) {
    case Trouble::refused:
      if (sent && dialect == Dialect::sqlite && !is_clean_refusal(failure.code))
        return {Outcome::unknown, class_of(dialect, failure), true};
      return judge_refusal(dialect, failure);
    case Trouble::ended: {
      const CodeRow* row = find_row(dialect, failure.code);
      return {cut, class_of(dialect, failure), row != nullptr && row->is_loud};
    }
    case Trouble::lost: return {cut, failure.phase == Phase::connect ? "refused" : "connection_lost", false};
    case Trouble::timeout:
      return {cut, failure.phase == Phase::connect ? "connect_timeout" : "timeout", false};
    case Trouble::stopped: return {cut, sent ? "stopped" : "stopping", false};
    case Trouble::unmet: return {Outcome::rejected, failure.code, false};
  }
  return {};
}

std::string sentence(const Failure& failure) {
  const auto before = [](Phase phase) {
    switch (phase) {
      case Phase::connect: return "cannot connect";
      case Phase::open: return "the transaction did not begin";
      case Phase::work: return "rolled back";
      case Phase::keep: return "the barrier's row was not kept, rolled back";
      case Phase::commit: return "the commit was not confirmed";
    }
    return "";
  };
  std::string out = failure.trouble == Trouble::refused && failure.phase == Phase::commit
                        ? "the commit was refused"
                        : before(failure.phase);
  out += ": " + failure.text;
  if (failure.trouble == Trouble::refused || failure.trouble == Trouble::ended)
    out += " (" + failure.code + ")";
  return engine::shorten(engine::escape_controls(engine::shorten(out, engine::error_bytes_max)),
                         engine::error_bytes_max);
}

}  // namespace amends::sql
