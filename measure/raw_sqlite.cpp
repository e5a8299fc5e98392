#include "measure/raw_sqlite.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "adapters/store/sqlite/sqlite_store.hpp"

namespace amends::measure {
namespace {

class Database {
 public:
  explicit Database(const std::filesystem::path& file) {
    if (sqlite3_open_v2(file.c_str(), &db_, SQLITE_OPEN_READWRITE, nullptr) != SQLITE_OK)
      throw std::runtime_error("cannot open " + file.string());
  }
  ~Database() { sqlite3_close_v2(db_); }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  void run(const char* sql) {
    if (sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) != SQLITE_OK)
      throw std::runtime_error(std::string(sql) + ": " + sqlite3_errmsg(db_));
  }
  sqlite3* get() { return db_; }

 private:
  sqlite3* db_ = nullptr;
};

class Statement {
 public:
  Statement(Database& db, const char* sql) {
    if (sqlite3_prepare_v3(db.get(), sql, -1, SQLITE_PREPARE_PERSISTENT, &statement_, nullptr) != SQLITE_OK)
      throw std::runtime_error(std::string(sql) + ": " + sqlite3_errmsg(db.get()));
  }
  ~Statement() { sqlite3_finalize(statement_); }
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& blob(int i, const std::string& v) {
    return sqlite3_bind_blob(statement_, i, v.data(), static_cast<int>(v.size()), SQLITE_STATIC), *this;
  }
  Statement& text(int i, const std::string& v) {
    return sqlite3_bind_text(statement_, i, v.data(), static_cast<int>(v.size()), SQLITE_STATIC), *this;
  }
  Statement& number(int i, std::int64_t v) { return sqlite3_bind_int64(statement_, i, v), *this; }
  bool row() {
    const int code = sqlite3_step(statement_);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
      throw std::runtime_error(sqlite3_errmsg(sqlite3_db_handle(statement_)));
    return code == SQLITE_ROW;
  }
  void done() {
    row();
    sqlite3_reset(statement_);
  }
  std::string bytes(int i) {
    return {static_cast<const char*>(sqlite3_column_blob(statement_, i)),
            static_cast<std::size_t>(sqlite3_column_bytes(statement_, i))};
  }
  std::int64_t value(int i) { return sqlite3_column_int64(statement_, i); }

 private:
  sqlite3_stmt* statement_ = nullptr;
};

struct Row {
  std::int64_t at = 0;
  std::string body;
};
struct Recorded {
  std::string id, plan, workflow;
  std::int64_t created = 0, updated = 0;
  std::vector<Row> rows;
};

// Those that were started first.
std::vector<Recorded> read_all(const std::filesystem::path& from, std::uint64_t sagas_max) {
  Database db(from / "amends.db");
  std::vector<Recorded> out;
  std::map<std::string, std::size_t> by_id;
  Statement sagas(
      db, "select saga_id, plan_id, workflow, created_at, updated_at from saga order by saga_id limit ?1");
  sagas.number(1, static_cast<std::int64_t>(sagas_max));
  while (sagas.row()) {
    by_id[sagas.bytes(0)] = out.size();
    out.push_back({sagas.bytes(0), sagas.bytes(1), sagas.bytes(2), sagas.value(3), sagas.value(4), {}});
  }
  if (out.empty()) return out;
  Statement rows(db, "select saga_id, at, body from journal where saga_id <= ?1 order by saga_id, seq");
  rows.blob(1, out.back().id);
  while (rows.row()) out[by_id.at(rows.bytes(0))].rows.push_back({rows.value(1), rows.bytes(2)});
  return out;
}

class RawWriter {
 public:
  explicit RawWriter(Database& db)
      : begin_(db, "begin immediate"),
        commit_(db, "commit"),
        fence_(
            db,
            "update writer set commit_seq = ?1 where writer_id = 0 and epoch = ?2 and commit_seq = ?1 - 1"),
        start_(db,
               "insert into saga (shard_id, saga_id, plan_id, workflow, key, state, step, error_class, seq, "
               "active, wake_at, created_at, updated_at)"
               " values (0, ?1, ?2, ?3, '', 'running', '', '', 1, 1, null, ?4, ?4)"),
        end_(db,
             "update saga set state = 'completed', seq = ?2, active = 0, updated_at = ?3 where shard_id = 0 "
             "and saga_id = ?1"),
        row_(db,
             "insert into journal (shard_id, saga_id, seq, at, writer_id, epoch, commit_seq, body)"
             " values (0, ?1, ?2, ?3, 0, ?4, ?5, ?6)"),
        db_(db) {
    Statement at(db, "select epoch, commit_seq from writer where writer_id = 0");
    if (!at.row()) throw std::runtime_error("the store has no writer row");
    epoch_ = at.value(0);
    seq_ = at.value(1);
  }

  // One row of each of the sagas [from, to) whose journal is that long.
  void flush(const std::vector<Recorded>& sagas, std::size_t from, std::size_t to, std::size_t nth) {
    begin_.done();
    fence_.number(1, ++seq_).number(2, epoch_).done();
    if (sqlite3_changes(db_.get()) != 1) throw std::runtime_error("the fence did not hold");
    for (std::size_t i = from; i < to; ++i) {
      const Recorded& saga = sagas[i];
      if (nth >= saga.rows.size()) continue;
      const Row& row = saga.rows[nth];
      if (nth == 0)
        start_.blob(1, saga.id).text(2, saga.plan).text(3, saga.workflow).number(4, saga.created).done();
      if (nth + 1 == saga.rows.size())
        end_.blob(1, saga.id).number(2, static_cast<std::int64_t>(nth) + 1).number(3, saga.updated).done();
      row_.blob(1, saga.id)
          .number(2, static_cast<std::int64_t>(nth) + 1)
          .number(3, row.at)
          .number(4, epoch_)
          .number(5, seq_)
          .text(6, row.body)
          .done();
    }
    commit_.done();
  }

 private:
  Statement begin_, commit_, fence_, start_, end_, row_;
  Database& db_;
  std::int64_t epoch_ = 0, seq_ = 0;
};

// The schema comes from the store itself, so it cannot differ.
void make_store(const std::filesystem::path& dir) {
  sqlite::OpenedStore made = sqlite::SqliteStore::open(dir);
  if (!made.store) throw std::runtime_error(made.error);
  if (!made.store->take_over("bench", engine::WallTime{}).writer)
    throw std::runtime_error("the new store cannot be written");
}

}  // namespace

Ran run_raw_sqlite(const std::filesystem::path& from, const std::filesystem::path& to, std::size_t live,
                   const RawLimits& limits) {
  const std::vector<Recorded> sagas = read_all(from, limits.sagas_max);
  if (sagas.empty()) throw std::runtime_error("the engine wrote nothing");
  make_store(to);
  Database db(to / "amends.db");
  db.run("pragma journal_mode = wal; pragma synchronous = full; pragma wal_autocheckpoint = 1000");
  RawWriter writer(db);
  std::size_t longest = 0, rows = 0;
  for (const Recorded& saga : sagas) longest = std::max(longest, saga.rows.size()), rows += saga.rows.size();
  return in_lockstep(sagas.size(), rows, live, limits, [&](std::size_t group, std::size_t end) {
    std::size_t flushes = 0;
    for (std::size_t nth = 0; nth < longest; ++nth)
      for (std::size_t at = group; at < end; at += flush_sagas_max, ++flushes)
        writer.flush(sagas, at, std::min(at + flush_sagas_max, end), nth);
    return flushes;
  });
}

}  // namespace amends::measure
