// A participant's SQLite file. It must exist; how it is journalled is its owner's business, that a commit is
// durable is ours.
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>

#include "adapters/effect/sql/session.hpp"
#include "adapters/effect/sql/sqlite_values.hpp"

namespace amends::sql {
namespace {

constexpr const char* find_sql =
    "select direction, revision, code, status, body from amends_barrier where saga = ?1 and step = ?2";
constexpr const char* keep_sql =
    "insert into amends_barrier (saga, step, direction, revision, code, status, body, at_ms)"
    " values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";

std::int64_t now_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

class SqliteSession final : public Session {
 public:
  SqliteSession(const std::string& path, const Bounds& bounds) : bounds_(bounds) {
    sqlite3* opened = nullptr;
    const int code =
        sqlite3_open_v2(path.c_str(), &opened, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
    db_.reset(opened);
    if (code != SQLITE_OK) fail(code);
    sqlite3_extended_result_codes(opened, 1);
    sqlite3_db_config(opened, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_busy_handler(opened, &SqliteSession::on_busy, this);
    sqlite3_progress_handler(opened, 1'000, &SqliteSession::on_progress, this);
    execute("pragma synchronous = full");
    execute("pragma foreign_keys = on");
  }

  Opened begin(const BarrierCall* call, bool read_only, const Bounds& bounds) override {
    bounds_ = bounds;
    phase_ = Phase::open;
    execute(read_only ? "pragma query_only = on" : "pragma query_only = off");
    // One writer at a time: nobody decides on what another is about to change.
    execute(read_only ? "begin" : "begin immediate");
    Opened out;
    if (call != nullptr) {
      const SqliteStatement find(db_.get(), find_sql);
      find.bind(1, call->saga);
      find.bind(2, call->step);
      int code = SQLITE_ROW;
      if (!find.ok()) fail(find.code());
      while ((code = sqlite3_step(find.get())) == SQLITE_ROW)
        out.seen.add(*call, find.text(0), sqlite3_column_int64(find.get(), 1), find.text(2),
                     {false, sqlite3_column_int(find.get(), 3), find.text(4)});
      if (code != SQLITE_DONE) fail(code);
    }
    out.now_ms = now_ms();
    phase_ = Phase::work;
    return out;
  }

  Rows run(const std::string& sql, const engine::Json& params, std::size_t bytes_max) override {
    const SqliteStatement statement(db_.get(), sql);
    if (!statement.ok()) fail(statement.code());
    if (statement.has_more())
      throw unmet("bad_request_data", "one statement is expected, and there are more");
    if (const std::string wrong = statement.bind_all(params); !wrong.empty())
      throw unmet("bad_request_data", wrong);
    Rows out;
    std::size_t bytes = 0;
    int code = SQLITE_ROW;
    while ((code = sqlite3_step(statement.get())) == SQLITE_ROW) {
      bytes += statement.row_bytes();
      if (bytes > bytes_max)
        throw unmet("result_too_large", "the rows are larger than a step's result may be");
      out.rows.push_back(statement.row());
    }
    if (code != SQLITE_DONE) fail(code);
    out.count = sqlite3_stmt_readonly(statement.get()) != 0
                    ? out.rows.size()
                    : static_cast<std::uint64_t>(sqlite3_changes64(db_.get()));
    if (sqlite3_get_autocommit(db_.get()) != 0)
      throw Failure{Phase::work, Trouble::refused, "SQLITE_ABORT",
                    "the statement rolled the transaction back"};
    return out;
  }

  void commit(const BarrierCall* call, const BarrierResult* kept) override {
    if (call != nullptr && kept != nullptr) {
      phase_ = Phase::keep;
      const SqliteStatement keep(db_.get(), keep_sql);
      if (!keep.ok()) fail(keep.code());
      keep.bind(1, call->saga);
      keep.bind(2, call->step);
      keep.bind(3, call->direction == BarrierDirection::undo ? "undo" : "run");
      keep.bind(4, call->revision);
      keep.bind(5, kept_code(*kept));
      keep.bind(6, kept->answer.status);
      keep.bind(7, kept->answer.body);
      keep.bind(8, now_ms());
      if (const int code = sqlite3_step(keep.get()); code != SQLITE_DONE) fail(code);
    }
    phase_ = Phase::commit;
    execute("commit");
  }

  void rollback() noexcept override {
    if (!db_ || sqlite3_get_autocommit(db_.get()) != 0) return;
    // Not to be cut: an open transaction holds the file's lock.
    bounds_.until = Clock::time_point::max();
    is_rolling_back_ = true;
    is_broken_ = sqlite3_exec(db_.get(), "rollback", nullptr, nullptr, nullptr) != SQLITE_OK || is_broken_;
    is_rolling_back_ = false;
  }

  bool is_good() override { return !is_broken_ && sqlite3_get_autocommit(db_.get()) != 0; }

 private:
  struct Close {
    void operator()(sqlite3* db) const { sqlite3_close_v2(db); }
  };

  static Failure unmet(std::string error_class, std::string text) {
    return {Phase::work, Trouble::unmet, std::move(error_class), std::move(text)};
  }

  bool is_over() const {
    return !is_rolling_back_ && (bounds_.cut->is_cut() || bounds_.left() == engine::Millis{0});
  }
  static int on_progress(void* self) { return static_cast<SqliteSession*>(self)->is_over() ? 1 : 0; }
  static int on_busy(void* self, int tries) {
    if (static_cast<SqliteSession*>(self)->is_over()) return 0;
    ::usleep(static_cast<useconds_t>(std::min(tries + 1, 20) * 1'000));
    return 1;
  }

  void execute(const char* sql) {
    if (const int code = sqlite3_exec(db_.get(), sql, nullptr, nullptr, nullptr); code != SQLITE_OK)
      fail(code);
  }

  [[noreturn]] void fail(int code) {
    const std::string text = db_ ? sqlite3_errmsg(db_.get()) : "no memory";
    const int primary = code & 0xff;
    const bool is_clean = primary == SQLITE_BUSY || primary == SQLITE_CONSTRAINT;
    // What a failing disk did to the connection's own view of the file is unknown: the next one opens it
    // anew.
    if (primary == SQLITE_IOERR || primary == SQLITE_CORRUPT || primary == SQLITE_FULL) is_broken_ = true;
    if (phase_ == Phase::commit && !is_clean) is_broken_ = true;
    if ((primary == SQLITE_INTERRUPT || (primary == SQLITE_BUSY && phase_ != Phase::commit)) && is_over()) {
      const bool cut = bounds_.cut->is_cut();
      throw Failure{phase_, cut ? Trouble::stopped : Trouble::timeout, "",
                    cut ? "the engine stops" : "no end in time: " + text};
    }
    throw Failure{phase_, Trouble::refused, sqlite_code_name(code, text), text.substr(0, 500)};
  }

  std::unique_ptr<sqlite3, Close> db_;
  Bounds bounds_;
  Phase phase_ = Phase::connect;
  bool is_broken_ = false, is_rolling_back_ = false;
};

}  // namespace

std::unique_ptr<Session> connect_sqlite(const SqlEndpoint& endpoint, const Bounds& bounds) {
  return std::make_unique<SqliteSession>(endpoint.url.substr(std::string_view("sqlite:").size()), bounds);
}

}  // namespace amends::sql
