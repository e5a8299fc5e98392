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

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

#include "amends/barrier_rules.hpp"
#include "amends/barrier_schema.hpp"

namespace amends {

// The database failed. When `surely_nothing` is false the commit itself failed and may come back to life
// after a crash: answer 500, close the connection, and let the engine ask again under the same key.
struct BarrierError : std::runtime_error {
  BarrierError(const std::string& what, int code, bool nothing)
      : std::runtime_error(what), sqlite_code(code), surely_nothing(nothing) {}
  int sqlite_code;
  bool surely_nothing;
};

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
    const BarrierSeen seen = find_seen(call);
    BarrierResult result;
    // The clock is read under the lock: a call may have waited for it past its time.
    switch (decide_barrier(call, seen, now_(), result)) {
      case BarrierVerdict::answer: return result;
      case BarrierVerdict::keep: break;
      case BarrierVerdict::work:
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

  // Rows may go that are older than what the endpoint `remembers` and than the longest saga: to an undo
  // without its step's row the step looks as if it had never happened. Returns how many went. Reads the whole
  // table.
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

  BarrierSeen find_seen(const BarrierCall& call) {
    sqlite3_stmt* const row = find_.get();
    const Reset after{row};
    bind_text(row, 1, call.saga);
    bind_text(row, 2, call.step);
    BarrierSeen seen;
    int code = SQLITE_ROW;
    while ((code = sqlite3_step(row)) == SQLITE_ROW)
      seen.add(call, text(row, 0), sqlite3_column_int64(row, 1), text(row, 2),
               {false, sqlite3_column_int(row, 3), text(row, 4)});
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
    bind_text(row, 5, kept_code(result));
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
