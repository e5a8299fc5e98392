// A participant's PostgreSQL. Each transaction brings its own settings, so that a pooler that gives every
// transaction another backend (PgBouncer) does no harm.
#include <charconv>
#include <map>

#include "adapters/effect/sql/postgres_address.hpp"
#include "adapters/effect/sql/postgres_values.hpp"
#include "adapters/effect/sql/postgres_wire.hpp"

namespace amends::sql {
namespace {

// Values come in one textual form whatever the database's defaults are. What comes last frees the barrier's
// lock when we are stopped or lost in the middle: the server waits for us no longer than we would have
// waited for it.
constexpr const char* settings_sql =
    "select set_config('datestyle', 'ISO', true), set_config('intervalstyle', 'iso_8601', true),"
    " set_config('timezone', 'UTC', true), set_config('bytea_output', 'hex', true),"
    " set_config('extra_float_digits', '1', true),"
    " set_config('synchronous_commit', case current_setting('synchronous_commit')"
    "   when 'off' then 'on' else current_setting('synchronous_commit') end, true),"
    " set_config('tcp_keepalives_idle', '10', true), set_config('tcp_keepalives_interval', '5', true),"
    " set_config('tcp_keepalives_count', '3', true),"
    " set_config('statement_timeout', $1, true),"
    " set_config('idle_in_transaction_session_timeout', $1, true)";

// Before the first row there is nothing to lock, so the lock is on the name.
constexpr const char* lock_sql = "select pg_advisory_xact_lock(hashtextextended($1 || '/' || $2, 0))";

// Not in the lock's statement, which would read with the snapshot from before it was granted.
constexpr const char* find_sql =
    "select direction, revision, code, status, body from amends_barrier where saga = $1 and step = $2";

constexpr const char* clock_sql = "select (extract(epoch from clock_timestamp()) * 1000)::bigint";

constexpr const char* keep_sql =
    "insert into amends_barrier (saga, step, direction, revision, code, status, body, at_ms)"
    " values ($1, $2, $3, $4, $5, $6, $7, (extract(epoch from clock_timestamp()) * 1000)::bigint)";

// The snapshot must be younger than the lock, whatever the database's default is.
constexpr const char* begin_sql = "begin isolation level read committed";
constexpr const char* begin_read_only_sql = "begin isolation level repeatable read read only";

std::int64_t whole(const PGresult* result, int row, int column) {
  const std::string_view text = PQgetvalue(result, row, column);
  std::int64_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

std::uint64_t touched(PGresult* result) {
  const std::string_view text = PQcmdTuples(result);
  std::uint64_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

class PostgresSession final : public Session {
 public:
  PostgresSession(const std::vector<std::pair<std::string, std::string>>& options, const Bounds& bounds)
      : wire_(options, bounds) {}

  Opened begin(const BarrierCall* call, bool read_only, const Bounds& bounds) override {
    is_broken_ = true;  // until it has answered
    wire_.within(bounds);
    wire_.at(Phase::open);
    const std::string limit = std::to_string(std::max<std::int64_t>(bounds.left().count(), 1));
    std::vector<Query> queries = {{read_only ? begin_read_only_sql : begin_sql}, {settings_sql, {limit}}};
    if (call != nullptr) {
      queries.push_back({lock_sql, {call->saga, call->step}});
      queries.push_back({find_sql, {call->saga, call->step}});
      queries.push_back({clock_sql});
    }
    const std::vector<Result> results = wire_.run_all(queries, Phase::open);
    is_broken_ = false;
    wire_.at(Phase::work);
    Opened out;
    if (call == nullptr) return out;
    const PGresult* kept = results[3].get();
    for (int row = 0; row < PQntuples(kept); ++row)
      out.seen.add(*call, PQgetvalue(kept, row, 0), whole(kept, row, 1), PQgetvalue(kept, row, 2),
                   {false, static_cast<int>(whole(kept, row, 3)), PQgetvalue(kept, row, 4)});
    out.now_ms = whole(results[4].get(), 0, 0);
    return out;
  }

  Rows run(const std::string& sql, const engine::Json& params, std::size_t bytes_max) override {
    Query query{sql};
    for (const engine::Json& param : params) query.params.push_back(param_text(param));
    Rows out;
    std::size_t bytes = 0;
    std::optional<Failure> unfit;
    const auto take = [&](const PGresult* row) {
      // The rest is read and forgotten, so that the connection can be used on.
      if (unfit) return;
      for (int column = 0; column < PQnfields(row); ++column)
        bytes += static_cast<std::size_t>(PQgetlength(row, 0, column)) + 4;
      try {
        if (bytes > bytes_max)
          throw Failure{Phase::work, Trouble::unmet, "result_too_large",
                        "the rows are larger than a step's result may be"};
        out.rows.push_back(row_of(row, 0));
      } catch (const Failure& failure) {
        unfit = failure;
      }
    };
    is_broken_ = true;
    Result end;
    try {
      end = wire_.run(query, take);
    } catch (const Failure& failure) {
      is_broken_ = failure.trouble != Trouble::refused;
      throw;
    }
    // Its own mistake or malice: what stood before may be committed.
    if (!wire_.in_transaction())
      throw Failure{Phase::commit, Trouble::lost, "", "a statement ended the transaction"};
    is_broken_ = false;
    if (unfit) throw *unfit;
    out.count = touched(end.get());
    return out;
  }

  void commit(const BarrierCall* call, const BarrierResult* kept) override {
    is_broken_ = true;
    wire_.at(Phase::keep);
    std::vector<Query> queries;
    if (call != nullptr && kept != nullptr)
      queries.push_back({keep_sql,
                         {call->saga, call->step, call->direction == BarrierDirection::undo ? "undo" : "run",
                          std::to_string(call->revision), std::string(kept_code(*kept)),
                          std::to_string(kept->answer.status), kept->answer.body}});
    queries.push_back({"commit"});
    try {
      const std::vector<Result> results = wire_.run_all(queries, Phase::commit);
      // A transaction that had failed is rolled back by its COMMIT, which succeeds.
      if (std::string_view(PQcmdStatus(results.back().get())) != "COMMIT")
        throw Failure{Phase::keep, Trouble::lost, "", "the transaction was rolled back"};
    } catch (const Failure& failure) {
      if (failure.trouble == Trouble::refused) is_broken_ = false;
      throw;
    }
    is_broken_ = false;
  }

  void rollback() noexcept override {
    if (is_broken_ || wire_.is_idle()) return;
    is_broken_ = true;
    try {
      wire_.run({"rollback"}, [](const PGresult*) {});
      is_broken_ = false;
    } catch (const Failure&) {
    }
  }

  bool is_good() override { return !is_broken_ && wire_.is_idle() && wire_.is_quiet(); }

 private:
  PostgresWire wire_;
  bool is_broken_ = false;
};

}  // namespace

std::unique_ptr<Session> connect_postgres(const SqlEndpoint& endpoint, const std::string& password,
                                          const Bounds& bounds) {
  const PostgresAddress address = read_postgres_address(endpoint.url);
  auto options = address.options;
  if (!password.empty()) options.emplace_back("password", password);
  return std::make_unique<PostgresSession>(options, bounds);
}

}  // namespace amends::sql
