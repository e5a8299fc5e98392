#include "adapters/effect/sql/postgres_address.hpp"

#include <libpq-fe.h>

#include <map>

namespace amends::sql {

PostgresAddress read_postgres_address(const std::string& url) {
  const bool is_url = url.starts_with("postgres://") || url.starts_with("postgresql://");
  // libpq would cut it at NUL, and connect to something else.
  const bool has_nul = url.find('\0') != std::string::npos;
  PQconninfoOption* options = is_url && !has_nul ? PQconninfoParse(url.c_str(), nullptr) : nullptr;
  // libpq's own message can repeat a part of the URL that is secret.
  if (options == nullptr) return {{}, "is not a PostgreSQL URL (postgres://user@host/database)"};
  std::map<std::string, std::string> values = {
      {"tcp_user_timeout", "10000"},
      {"keepalives_idle", "10"},
      {"keepalives_interval", "5"},
      {"keepalives_count", "3"},
      {"fallback_application_name", "amends"},
  };
  for (const PQconninfoOption* option = options; option->keyword != nullptr; ++option)
    if (option->val != nullptr) values[option->keyword] = option->val;
  PQconninfoFree(options);
  if (values.contains("password")) return {{}, "holds a password; say where it is: password = \"env:NAME\""};
  values["client_encoding"] = "UTF8";
  return {{values.begin(), values.end()}, {}};
}

}  // namespace amends::sql
