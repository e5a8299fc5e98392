// What each code means when it comes before the COMMIT was sent. Sources: PostgreSQL 15, appendix A;
// https://www.sqlite.org/rescode.html.
#include "adapters/effect/sql/failure.hpp"

namespace amends::sql {
namespace {

constexpr auto rejected = engine::Outcome::rejected;
constexpr auto transient = engine::Outcome::transient;
constexpr bool loud = true;

}  // namespace

const std::vector<CodeRow>& sqlstate_rows() {
  static const std::vector<CodeRow> rows = {
      {"08", transient, "the connection failed before the commit"},
      {"08P01", rejected, "the statement and its parameters do not fit together"},
      {"09", rejected, "a trigger refused"},
      {"0A", rejected, "the server cannot do what the statement asks"},
      {"21", rejected, "a subquery gave more rows than one"},
      {"22", rejected, "a value that the column cannot hold"},
      {"23", rejected, "a constraint is broken: a business answer"},
      {"25", transient, "the state of the transaction is not what it should be"},
      {"25006", transient, "a read-only server, a replica perhaps: not now, and not here", loud},
      {"27", rejected, "a trigger changed the row that the statement changes"},
      {"28", transient, "the server does not let us in", loud},
      {"28P01", transient, "the password is wrong", loud},
      {"2D", rejected, "a statement tried to end the transaction"},
      {"2F", rejected, "a function of the database failed"},
      {"38", rejected, "a function of the database failed"},
      {"39", rejected, "a function of the database failed"},
      {"3D", transient, "there is no such database", loud},
      {"3F", transient, "there is no such schema: a migration is missing", loud},
      {"40", transient, "rolled back by the server"},
      {"40001", transient, "it could not be serialised with what ran beside it"},
      {"40002", rejected, "a constraint is broken: a business answer"},
      {"40P01", transient, "a deadlock was broken"},
      {"42", rejected, "a statement that can never run: its author's mistake"},
      {"42501", transient, "a right is missing, which an operator can grant", loud},
      {"42703", transient, "there is no such column: a migration is missing", loud},
      {"42883", transient, "there is no such function: a migration is missing", loud},
      {"42P01", transient, "there is no such table: a migration is missing", loud},
      {"44", rejected, "a row that its view does not let through"},
      {"53", transient, "the server lacks room, memory or connections"},
      {"53100", transient, "the server's disk is full", loud},
      {"54", rejected, "larger than the server's limits"},
      {"55", transient, "an object is not in the state for it"},
      {"55P03", transient, "a lock was not to be had"},
      {"57", transient, "an operator or a time limit ended it"},
      {"57014", transient, "the statement took too long, and was rolled back"},
      {"58", transient, "the server's system failed", loud},
      {"P0", rejected, "a function of the database raised it: a business answer"},
      {"XX", transient, "the server failed inside", loud},
  };
  return rows;
}

const std::vector<CodeRow>& sqlite_rows() {
  static const std::vector<CodeRow> rows = {
      {"SQLITE_ERROR", rejected, "a statement that can never run, or one that raised an error"},
      {"SQLITE_ERROR_MISSING", transient,
       "there is no such table, column or function: a migration is missing", loud},
      {"SQLITE_INTERNAL", transient, "SQLite failed inside", loud},
      {"SQLITE_PERM", transient, "the file's rights do not allow it", loud},
      {"SQLITE_ABORT", transient, "the statement was ended"},
      {"SQLITE_BUSY", transient, "another writer held the file too long"},
      {"SQLITE_LOCKED", transient, "another statement held the table"},
      {"SQLITE_NOMEM", transient, "no memory"},
      {"SQLITE_READONLY", transient, "the file cannot be written", loud},
      {"SQLITE_INTERRUPT", transient, "the statement took too long, and was rolled back"},
      {"SQLITE_IOERR", transient, "the disk failed", loud},
      {"SQLITE_CORRUPT", transient, "the file is damaged", loud},
      {"SQLITE_FULL", transient, "the disk is full", loud},
      {"SQLITE_CANTOPEN", transient, "the file cannot be opened", loud},
      {"SQLITE_PROTOCOL", transient, "the file's locks do not work"},
      {"SQLITE_SCHEMA", transient, "the tables changed meanwhile"},
      {"SQLITE_TOOBIG", rejected, "a value is larger than SQLite's limits"},
      {"SQLITE_CONSTRAINT", rejected, "a constraint is broken: a business answer"},
      {"SQLITE_MISMATCH", rejected, "a value that the column cannot hold"},
      {"SQLITE_MISUSE", rejected, "a statement that cannot be bound"},
      {"SQLITE_NOLFS", transient, "the file is too large for its disk", loud},
      {"SQLITE_AUTH", rejected, "a statement may only read and write rows"},
      {"SQLITE_RANGE", rejected, "a parameter that the statement does not have"},
      {"SQLITE_NOTADB", transient, "the file is not a database", loud},
  };
  return rows;
}

}  // namespace amends::sql
