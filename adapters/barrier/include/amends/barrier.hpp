// The barrier: a participant runs each step at most once, and never after its undo. docs/barrier.md tells the
// algorithm, which is the sub-transaction barrier of DTM (dtm.pub) with the first answer kept for duplicates.
//
//   amends::Barrier barrier(db);
//   auto call = amends::parse_barrier_key(idempotency_key);      // nothing: answer 400
//   call->not_after_ms = ...;                                    // the header Amends-Not-After
//   auto result = barrier.call(*call, [&] { return reserve(db); });
//   respond(result.answer, {"Amends-Barrier", amends::name_of(result.code)});
//
// One Barrier per connection, one thread at a time. Connections of several threads and processes may share a
// database file.
#pragma once
#include <sqlite3.h>

#include <charconv>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace amends {

enum class BarrierDirection : std::uint8_t { run, undo };

struct BarrierCall {
  std::string saga;
  std::string step;
  BarrierDirection direction = BarrierDirection::run;
  std::int64_t revision = 1;                   // last part of the key; an operator's amend or retry raises it
  std::optional<std::int64_t> not_after_ms{};  // ms since 1970 UTC; a call that comes later is not executed
};

// Takes "{saga}/{step}/{run|undo}/{revision}" apart, as it stands in Idempotency-Key.
inline std::optional<BarrierCall> parse_barrier_key(std::string_view key) {
  const auto take_last = [&key]() -> std::string_view {
    const auto slash = key.rfind('/');
    if (slash == key.npos) return {};
    const auto part = key.substr(slash + 1);
    key = key.substr(0, slash);
    return part;
  };
  const auto revision = take_last(), direction = take_last(), step = take_last();
  BarrierCall call{.saga = std::string(key), .step = std::string(step)};
  const auto* end = revision.data() + revision.size();
  const auto number = std::from_chars(revision.data(), end, call.revision);
  if (revision.empty() || number.ec != std::errc() || number.ptr != end || call.revision < 1) return {};
  if (call.saga.empty() || call.step.empty() || (direction != "run" && direction != "undo")) return {};
  call.direction = direction == "run" ? BarrierDirection::run : BarrierDirection::undo;
  return call;
}

// What the business says: it happened, or it refuses. Both are kept, and both are what a duplicate hears.
struct BarrierAnswer {
  bool rejected = false;  // what the work wrote is rolled back, so a refusal leaves nothing behind
  int status = 200;
  std::string body = "null";

  bool operator==(const BarrierAnswer&) const = default;
};

enum class BarrierCode : std::uint8_t {
  applied,     // the work ran now; its answer may be a rejection
  replayed,    // it ran before: `answer` is the first answer
  empty_undo,  // the step had never happened, and now never will; nothing was run, this time and on a replay
  fenced,      // a run after its undo, or an older revision than one already seen: nothing was run
  expired,     // not_after had passed: nothing was run or stored
};

inline std::string_view name_of(BarrierCode code) {
  switch (code) {
    case BarrierCode::applied: return "applied";
    case BarrierCode::replayed: return "replayed";
    case BarrierCode::empty_undo: return "empty_undo";
    case BarrierCode::fenced: return "fenced";
    case BarrierCode::expired: return "expired";
  }
  return "";
}

struct BarrierResult {
  BarrierCode code = BarrierCode::applied;
  BarrierAnswer answer;
};

// The database failed. When `surely_nothing` is false the commit itself failed and may come back to life
// after a crash: answer 500, close the connection, and let the engine ask again under the same key.
struct BarrierError : std::runtime_error {
  BarrierError(const std::string& what, int code, bool nothing)
      : std::runtime_error(what), sqlite_code(code), surely_nothing(nothing) {}
  int sqlite_code;
  bool surely_nothing;
};

inline constexpr const char* barrier_schema = R"sql(
create table if not exists amends_barrier (
  saga      text    not null,
  step      text    not null,
  direction text    not null check (direction in ('run', 'undo')),
  revision  integer not null,
  code      text    not null check (code in ('applied', 'rejected', 'empty_undo')),
  status    integer not null,
  body      text    not null,
  at_ms     integer not null,
  primary key (saga, step, direction, revision)
) without rowid
)sql";

class Barrier {
 public:
  using Now = std::function<std::int64_t()>;

  // Borrows `db`, creates the table when it is missing, and sets the connection's busy timeout.
  explicit Barrier(sqlite3* db, Now now = system_now_ms, int busy_timeout_ms = 5'000)
      : db_(db), now_(std::move(now)) {
    sqlite3_busy_timeout(db_, busy_timeout_ms);
    execute(barrier_schema);
    find_ = prepare(
        "select direction, revision, code, status, body from amends_barrier where saga = ?1 and step = ?2");
    keep_ = prepare("insert into amends_barrier values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
  }
  Barrier(const Barrier&) = delete;
  Barrier& operator=(const Barrier&) = delete;

  // `work` does the business's writes on the same connection and begins or ends no transaction. It runs at
  // most once per (saga, step, direction), and once more for each higher revision after a rejection. What it
  // throws goes through, and nothing of it stays. Throws BarrierError.
  template <typename Work>
  BarrierResult call(const BarrierCall& call, Work&& work) {
    if (sqlite3_get_autocommit(db_) == 0)
      throw BarrierError("the barrier needs a connection without an open transaction", SQLITE_MISUSE, true);
    execute("begin immediate");
    const Rollback unless_committed{db_};
    const Seen seen = find_seen(call);
    BarrierResult result;
    // The clock is read under the lock: a call may have waited for it past its time.
    switch (decide(call, seen, now_(), result)) {
      case Verdict::answer: return result;
      case Verdict::keep: break;
      case Verdict::work:
        execute("savepoint amends_work");
        result = {BarrierCode::applied, std::forward<Work>(work)()};
        if (result.answer.rejected) execute("rollback to amends_work");
        execute("release amends_work");
        break;
    }
    keep(call, result);
    commit();
    return result;
  }

  // Rows may go that are older than what the endpoint `remembers` and than the longest saga: to an undo without its
  // step's row the step looks as if it had never happened. Returns how many went. Reads the whole table.
  int forget_before(std::int64_t at_ms) {
    const auto statement = prepare("delete from amends_barrier where at_ms < ?1");
    sqlite3_bind_int64(statement.get(), 1, at_ms);
    if (sqlite3_step(statement.get()) != SQLITE_DONE) fail("barrier: cannot forget", true);
    return sqlite3_changes(db_);
  }

  static std::int64_t system_now_ms() {
    using namespace std::chrono;
    return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
  }

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

  struct Rollback {
    sqlite3* db;
    ~Rollback() {
      if (sqlite3_get_autocommit(db) == 0) sqlite3_exec(db, "rollback", nullptr, nullptr, nullptr);
    }
  };

  // What is kept about one step.
  struct Seen {
    std::optional<BarrierAnswer> run;   // the run that was applied, whatever its revision
    std::optional<BarrierAnswer> undo;  // the undo that was applied or found nothing to undo
    bool undo_was_empty = false;
    std::optional<BarrierAnswer> same;  // this direction and revision
    std::int64_t revision_max = 0;      // of this direction
  };
  enum class Verdict { answer, keep, work };

  // The whole algorithm; everything else in this class is bookkeeping.
  static Verdict decide(const BarrierCall& call, const Seen& seen, std::int64_t now_ms, BarrierResult& out) {
    const bool undo = call.direction == BarrierDirection::undo;
    const auto replay = [&out](const BarrierAnswer& first) {
      out = {BarrierCode::replayed, first};
      return Verdict::answer;
    };
    const auto refuse = [&out](BarrierCode code, const char* sentence) {
      out = {code, {true, 409, std::string("{\"detail\":\"") + sentence + "\"}"}};
      return Verdict::answer;
    };
    if (!undo && seen.undo) return refuse(BarrierCode::fenced, "the step was undone before this call came");
    if (undo && seen.undo && seen.undo_was_empty) {
      out = {BarrierCode::empty_undo, *seen.undo};
      return Verdict::answer;
    }
    if (seen.same) return replay(*seen.same);
    if (const auto& applied = undo ? seen.undo : seen.run) return replay(*applied);
    if (call.revision < seen.revision_max)
      return refuse(BarrierCode::fenced, "a later revision of the step came before this call");
    if (call.not_after_ms && now_ms > *call.not_after_ms)
      return refuse(BarrierCode::expired, "the call came after its Amends-Not-After");
    if (undo && !seen.run) {
      out = {BarrierCode::empty_undo, {}};
      return Verdict::keep;
    }
    return Verdict::work;
  }

  Seen find_seen(const BarrierCall& call) {
    sqlite3_stmt* const row = find_.get();
    const Reset after{row};
    bind_text(row, 1, call.saga);
    bind_text(row, 2, call.step);
    Seen seen;
    int code = SQLITE_ROW;
    while ((code = sqlite3_step(row)) == SQLITE_ROW) {
      const bool undo = text(row, 0) == "undo";
      const auto revision = sqlite3_column_int64(row, 1);
      const std::string kept = text(row, 2);
      BarrierAnswer answer{kept == "rejected", sqlite3_column_int(row, 3), text(row, 4)};
      if (undo == (call.direction == BarrierDirection::undo)) {
        if (revision > seen.revision_max) seen.revision_max = revision;
        if (revision == call.revision) seen.same = answer;
      }
      if (answer.rejected) continue;
      if (undo) seen.undo_was_empty = kept == "empty_undo";
      (undo ? seen.undo : seen.run) = std::move(answer);
    }
    if (code != SQLITE_DONE) fail("barrier: cannot read", true);
    return seen;
  }

  void keep(const BarrierCall& call, const BarrierResult& result) {
    sqlite3_stmt* const row = keep_.get();
    const Reset after{row};
    bind_text(row, 1, call.saga);
    bind_text(row, 2, call.step);
    bind_text(row, 3, call.direction == BarrierDirection::undo ? "undo" : "run");
    sqlite3_bind_int64(row, 4, call.revision);
    bind_text(row, 5, result.answer.rejected ? "rejected" : name_of(result.code));
    sqlite3_bind_int(row, 6, result.answer.status);
    bind_text(row, 7, result.answer.body);
    sqlite3_bind_int64(row, 8, now_());
    if (sqlite3_step(row) != SQLITE_DONE) fail("barrier: cannot keep the answer", true);
  }

  void commit() {
    const int code = sqlite3_exec(db_, "commit", nullptr, nullptr, nullptr);
    // Busy is a clean refusal. After an I/O error the rows may stand in the log and come back with a restart.
    if (code != SQLITE_OK) fail("barrier: cannot commit", code == SQLITE_BUSY);
  }

  struct Reset {
    sqlite3_stmt* statement;
    ~Reset() { sqlite3_reset(statement); }
  };
  void execute(const char* sql) {
    if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) fail(sql, true);
  }
  Statement prepare(const char* sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v3(db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK)
      fail(sql, true);
    return Statement(statement);
  }
  [[noreturn]] void fail(const char* what, bool surely_nothing) const {
    throw BarrierError(std::string(what) + ": " + sqlite3_errmsg(db_), sqlite3_errcode(db_), surely_nothing);
  }
  // The text must live until the statement is reset.
  static void bind_text(sqlite3_stmt* statement, int at, std::string_view value) {
    sqlite3_bind_text(statement, at, value.data(), static_cast<int>(value.size()), SQLITE_STATIC);
  }
  static std::string text(sqlite3_stmt* row, int column) {
    const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(row, column));
    return {data, static_cast<std::size_t>(sqlite3_column_bytes(row, column))};
  }

  sqlite3* db_;
  Now now_;
  Statement find_, keep_;
};

}  // namespace amends
