// libpq without blocking: every wait has an end, and can be cut. Not libpqxx: its version 6 loses the
// SQLSTATE of some errors and of every failed connect, and waits for ever
// (docs/decisions/0012-sql-adapter.md).
#pragma once
#include <libpq-fe.h>

#include <memory>
#include <string>
#include <vector>

#include "adapters/effect/sql/session.hpp"

namespace amends::sql {

struct FreeResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using Result = std::unique_ptr<PGresult, FreeResult>;
struct FreeConnection {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};

// A statement with its parameters as text; the server finds out their types.
struct Query {
  std::string sql;
  std::vector<std::optional<std::string>> params = {};
};

// One thread. Everything throws Failure. It is never mended: after it broke, only the destructor may be
// called.
class PostgresWire {
 public:
  // Connects. The options are libpq's keywords and values.
  PostgresWire(const std::vector<std::pair<std::string, std::string>>& options, const Bounds& bounds);

  // How far the transaction is, for failures, and how long to wait; both hold until they are set again.
  void at(Phase phase) { phase_ = phase; }
  void within(const Bounds& bounds) { bounds_ = bounds; }

  // Sends all at once and waits for all answers: one round trip. The first refusal is thrown, and the queries
  // behind it were not run. The last query has the phase `last`, and so has all that breaks: it may have
  // broken behind it.
  std::vector<Result> run_all(const std::vector<Query>& queries, Phase last);
  // Runs one query and hands over its rows one by one, so that a large answer is never held; the result is
  // its end. on_row must not throw.
  template <typename Row>
  Result run(const Query& query, Row on_row) {
    send(query);
    if (PQsetSingleRowMode(connection_.get()) != 1) throw_lost();
    Result end;
    while (Result result = next()) {
      if (PQresultStatus(result.get()) == PGRES_SINGLE_TUPLE)
        on_row(result.get());
      else if (!end)  // a server that ends us says why, and then libpq that it is gone
        end = std::move(result);
      // On to the very end, or the connection stays busy.
    }
    if (!end) throw_lost();
    return checked(std::move(end));
  }

  bool in_transaction() const { return PQtransactionStatus(connection_.get()) == PQTRANS_INTRANS; }
  bool is_idle() const { return PQtransactionStatus(connection_.get()) == PQTRANS_IDLE; }
  // False when the server has said something meanwhile, which can only be its farewell.
  bool is_quiet() const;

 private:
  void send(const Query& query);
  void flush();
  Result next();
  void wait(short events);
  Result checked(Result result) const;
  [[noreturn]] void throw_lost() const;
  [[noreturn]] void throw_connect_failure() const;

  std::unique_ptr<PGconn, FreeConnection> connection_;
  Phase phase_ = Phase::connect;
  Bounds bounds_;
};

// The first line of what the server or libpq said.
std::string first_line(const char* text);

}  // namespace amends::sql
