#include "adapters/store/sqlite/inspection.hpp"

#include <algorithm>
#include <filesystem>
#include <limits>

#include "adapters/store/sqlite/rows.hpp"
#include "adapters/store/sqlite/schema.hpp"
#include "adapters/store/sqlite/sql.hpp"

namespace amends::sqlite {
namespace {

constexpr std::int64_t whole_max = std::numeric_limits<std::uint32_t>::max();
constexpr std::uint32_t lost_tags_max = 4096;  // of a page

// One snapshot, whatever comes.
class Snapshot {
 public:
  explicit Snapshot(Connection& connection) : connection_(connection) { connection_.execute("begin"); }
  ~Snapshot() { sqlite3_exec(connection_.raw(), "rollback", nullptr, nullptr, nullptr); }
  Snapshot(const Snapshot&) = delete;
  Snapshot& operator=(const Snapshot&) = delete;

 private:
  Connection& connection_;
};

// What is wrong with the kinds of values that a row holds.
class Kinds {
 public:
  explicit Kinds(const Statement::Run& row) : row_(row) {}
  void text(int column, const char* name) { expect(row_.type(column) == SQLITE_TEXT, name); }
  void number(int column, const char* name, std::int64_t max) {
    expect(row_.type(column) == SQLITE_INTEGER && row_.integer(column) >= 0 && row_.integer(column) <= max,
           name);
  }
  void time(int column, const char* name) { number(column, name, engine::inspected_time_max); }
  void maybe_time(int column, const char* name) {
    if (row_.type(column) != SQLITE_NULL) time(column, name);
  }
  const std::string& sentence() const { return sentence_; }

 private:
  void expect(bool holds, const char* name) {
    if (!holds && sentence_.empty())
      sentence_ = "column '" + std::string(name) + "' holds no value of its kind";
  }
  const Statement::Run& row_;
  std::string sentence_;
};

engine::InspectedSaga read_saga(const Statement::Run& row) {
  Kinds kinds(row);
  static constexpr const char* texts[] = {"plan_id", "workflow", "key", "state", "step", "error_class"};
  for (int i = 0; i < 6; ++i) kinds.text(1 + i, texts[i]);
  kinds.number(7, "seq", whole_max);
  kinds.number(8, "active", 1);
  kinds.maybe_time(9, "wake_at");
  kinds.time(10, "created_at");
  kinds.time(11, "updated_at");
  engine::InspectedSaga out;
  out.row = read_saga_row(row);
  out.id = out.row->id;
  out.unreadable = kinds.sentence();
  out.is_misplaced = out.id.shard() != 0;
  out.lacks_start_key = row.integer(12) != 0;
  return out;
}

engine::InspectedRow read_row(const Statement::Run& row) {
  Kinds kinds(row);
  kinds.number(1, "seq", whole_max);
  kinds.time(2, "at");
  kinds.text(3, "body");
  kinds.number(4, "epoch", std::numeric_limits<std::int64_t>::max());
  kinds.number(5, "commit_seq", std::numeric_limits<std::int64_t>::max());
  kinds.number(6, "writer_id", whole_max);
  return {read_journal_row(row), static_cast<std::uint32_t>(row.integer(6)), kinds.sentence()};
}

}  // namespace

Connection& SqliteInspection::connection() {
  // As the readers do: without a -wal file there is no writer, and opening the usual way would make one. A
  // writer may have come since.
  std::error_code error;
  const bool has_wal = std::filesystem::exists(path_ + "-wal", error);
  if (connection_ == nullptr || (is_immutable_ && has_wal)) {
    connection_.reset();
    is_immutable_ = !has_wal;
    connection_ = std::make_unique<Connection>(
        path_, has_wal ? Connection::Access::read : Connection::Access::read_immutable, vfs_);
    check_version(*connection_);
  }
  return *connection_;
}

template <typename Read>
auto SqliteInspection::reading(Read read) {
  try {
    return read(connection());
  } catch (const SqliteError& error) {
    connection_.reset();
    throw engine::StoreUnavailable{error_class_of(error), sentence("the store cannot be read", error)};
  }
}

std::optional<engine::SagaId> SqliteInspection::visit(const engine::InspectionRange& range,
                                                      engine::InspectionVisitor& visitor) {
  return reading([&](Connection& at) -> std::optional<engine::SagaId> {
    const Snapshot snapshot(at);
    std::vector<engine::InspectedSaga> sagas;
    engine::SagaId last = range.last;
    {
      Statement statement(at, sql("inspect_sagas"));
      auto row = statement.run(range.after, range.last, range.sagas_max);
      while (row.next()) sagas.push_back(read_saga(row));
    }
    if (sagas.size() == range.sagas_max && !sagas.empty()) last = sagas.back().id;
    std::vector<engine::SagaId> lost;
    {
      Statement statement(at, sql("inspect_lost_tags"));
      auto row = statement.run(range.after, last, lost_tags_max);
      while (row.next()) lost.push_back(row.id(0));
    }
    if (lost.size() == lost_tags_max) last = std::min(last, lost.back());
    engine::add_lost(sagas, lost, last);
    engine::InspectedPage page(std::move(sagas), visitor);
    Statement statement(at, sql("inspect_journal"));
    auto row = statement.run(range.after, last);
    while (row.next()) page.row(read_row(row));
    page.end();
    return last < range.last ? std::optional(last) : std::nullopt;
  });
}

std::vector<engine::Stray> SqliteInspection::strays() {
  static constexpr struct {
    const char *table, *query, *sentence;
  } kinds[] = {
      {"saga", "stray_sagas", "in another shard than 0, or with an id that is none"},
      {"journal", "stray_journal", "in another shard than 0, or with an id that is none"},
      {"tag", "stray_tags", "in another shard than 0, or with an id that is none"},
      {"start_key", "stray_keys", "in another shard than 0"},
      {"start_key", "wrong_keys", "leading to a saga that has another key"},
  };
  return reading([&](Connection& at) {
    std::vector<engine::Stray> out;
    for (const auto& kind : kinds) {
      Statement statement(at, sql(kind.query));
      auto row = statement.run();
      if (row.next() && row.integer(0) > 0)
        out.push_back({kind.table, kind.sentence, static_cast<std::uint64_t>(row.integer(0))});
    }
    return out;
  });
}

std::vector<engine::WriterRow> SqliteInspection::writers() {
  return reading([&](Connection& at) {
    std::vector<engine::WriterRow> out;
    Statement statement(at, sql("inspect_writers"));
    auto row = statement.run();
    while (row.next())
      out.push_back({static_cast<std::uint32_t>(row.integer(0)), static_cast<std::uint64_t>(row.integer(1)),
                     static_cast<std::uint64_t>(row.integer(2))});
    return out;
  });
}

}  // namespace amends::sqlite
