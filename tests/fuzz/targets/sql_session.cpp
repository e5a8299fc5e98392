// Any statement that reads or writes rows, on a participant's SQLite file: what it wrote is gone after a
// rollback, and the transaction was never ended from within. The first line holds the parameters as JSON.
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "adapters/effect/sql/session.hpp"
#include "tests/fuzz/bytes.hpp"
#include "tests/fuzz/target.hpp"

namespace amends::fuzz {
namespace {

using namespace sql;

Bounds soon(const CutSignal& cut) {
  return {Clock::now() + std::chrono::milliseconds(500), &cut};
}

class Shop {
 public:
  Shop()
      : path_(std::filesystem::temp_directory_path() /
              ("amends-fuzz-sql-" + std::to_string(::getpid()) + ".db")) {
    std::ofstream(path_, std::ios::trunc).close();
    endpoint_.url = "sqlite:" + path_.string();
    session_ = connect_sqlite(endpoint_, soon(cut_));
    session_->begin(nullptr, false, soon(cut_));
    run("create table stock (sku text primary key, free integer not null check (free >= 0), note json)");
    run("create table log (at integer, line text)");
    run("insert into stock values ('a', 3, null), ('b', 0, '{\"x\":1}')");
    session_->commit(nullptr, nullptr);
    before_ = content();
  }
  ~Shop() { std::filesystem::remove(path_); }

  void hold(const std::string& sql, const engine::Json& params, bool read_only) {
    session_->begin(nullptr, read_only, soon(cut_));
    try {
      const Rows rows = session_->run(sql, params, 4'096);
      AMENDS_HOLDS(engine::find_unstorable(rows.rows).empty(), "rows are JSON that the journal takes");
      AMENDS_HOLDS(!session_->is_good(), "a statement leaves its transaction open");
    } catch (const Failure& failure) {
      AMENDS_HOLDS(failure.code.size() <= 64 && failure.text.size() <= 1'000, "a failure is told shortly");
    }
    session_->rollback();
    AMENDS_HOLDS(session_->is_good(), "a connection that rolled back can begin again");
    AMENDS_HOLDS(content() == before_, "what was rolled back was never there");
  }

 private:
  Rows run(const std::string& sql) { return session_->run(sql, engine::Json::array(), 1 << 16); }
  engine::Json content() {
    session_->begin(nullptr, true, soon(cut_));
    engine::Json out = {run("select * from stock").rows, run("select * from log").rows,
                        run("select name, sql from sqlite_master").rows};
    session_->rollback();
    return out;
  }

  std::filesystem::path path_;
  CutSignal cut_;
  SqlEndpoint endpoint_;
  std::unique_ptr<Session> session_;
  engine::Json before_;
};

// They make gigabytes out of a number, within what their author may do.
bool is_large(std::string_view sql) {
  for (const char* word : {"blob", "BLOB", "printf", "PRINTF", "format", "FORMAT"})
    if (sql.find(word) != sql.npos) return true;
  return false;
}

}  // namespace

AMENDS_FUZZ_TARGET(sql_session) {
  static Shop shop;
  Bytes bytes(input);
  const bool read_only = bytes.flag();
  const auto params = engine::parse_json(bytes.line());
  const std::string sql(bytes.rest());
  if (!params.ok() || !params.value.is_array() || !is_row_statement(sql) || is_large(sql)) return;
  shop.hold(sql, params.value, read_only);
}

}  // namespace amends::fuzz
