// One connection with its prepared statements. It is never mended: after it broke, only the destructor may be
// called. (libpqxx would reconnect silently, and a statement would run without the session's settings.)
#pragma once
#include <memory>
#include <pqxx/connection>
#include <pqxx/result>
#include <string>
#include <string_view>
#include <unordered_set>

#include "adapters/store/postgres/address.hpp"
#include "adapters/store/postgres/error.hpp"
#include "adapters/store/postgres/params.hpp"
#include "adapters/store/postgres/watchdog.hpp"

namespace amends::postgres {

// One thread at a time. Everything throws PostgresError.
class Connection {
 public:
  Connection(const Address& address, Watchdog& dog);

  // Runs the statement of that name (sql.hpp) in a transaction of its own, prepared at its first use.
  pqxx::result run(const std::string& name, const Params& params = {});
  // Gives that name to another text than the files have; as often as one likes.
  void prepare(const std::string& name, const std::string& text);
  bool is_prepared(const std::string& name) const { return prepared_.contains(name); }
  // Several statements of text, without parameters.
  void execute(const std::string& text);

 private:
  Watchdog& dog_;
  std::unique_ptr<pqxx::connection> connection_;
  std::unordered_set<std::string> prepared_;
};

}  // namespace amends::postgres
