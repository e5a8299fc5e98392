#include "adapters/store/postgres/connection.hpp"

#include <pqxx/nontransaction>
#include <pqxx/prepared_statement>

#include "adapters/store/postgres/sql.hpp"

namespace amends::postgres {
namespace {

// Deprecated because libpqxx 7 never reconnects; until then it is the only way.
void forbid_reconnecting(pqxx::connection& connection) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  connection.inhibit_reactivation(true);
#pragma GCC diagnostic pop
}

}  // namespace

Connection::Connection(const Address& address, Watchdog& dog) : dog_(dog) {
  try {
    connection_ = std::make_unique<pqxx::connection>(address.conninfo);
    forbid_reconnecting(*connection_);
    // Notices would go to stderr.
    connection_->set_verbosity(pqxx::connection_base::terse);
  } catch (...) {
    throw current_error();
  }
}

pqxx::result Connection::run(const std::string& name, const Params& params) {
  try {
    if (prepared_.insert(name).second) connection_->prepare(name, sql(name));
    const Watchdog::Watch watch(dog_, connection_->sock());
    pqxx::nontransaction transaction(*connection_);
    return transaction.exec_prepared(name, pqxx::prepare::make_dynamic_params(params.values()));
  } catch (...) {
    throw current_error();
  }
}

void Connection::prepare(const std::string& name, const std::string& text) {
  if (!prepared_.insert(name).second) return;
  try {
    connection_->prepare(name, text);
  } catch (...) {
    throw current_error();
  }
}

void Connection::execute(const std::string& text) {
  try {
    const Watchdog::Watch watch(dog_, connection_->sock());
    pqxx::nontransaction transaction(*connection_);
    transaction.exec(text);
  } catch (...) {
    throw current_error();
  }
}

}  // namespace amends::postgres
