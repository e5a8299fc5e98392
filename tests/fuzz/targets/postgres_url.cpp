// The store's and a participant's PostgreSQL URL: what is shown of it holds no password, what libpq is given
// says the same as the URL.
#include <libpq-fe.h>

#include <map>

#include "adapters/effect/sql/options.hpp"
#include "adapters/effect/sql/postgres_address.hpp"
#include "adapters/store/postgres/address.hpp"
#include "tests/fuzz/target.hpp"

namespace amends::fuzz {
namespace {

using Settings = std::map<std::string, std::string>;

Settings settings_of(const std::string& conninfo) {
  Settings out;
  PQconninfoOption* options = ::PQconninfoParse(conninfo.c_str(), nullptr);
  if (options == nullptr) return out;
  for (const PQconninfoOption* one = options; one->keyword != nullptr; ++one)
    if (one->val != nullptr) out[one->keyword] = one->val;
  ::PQconninfoFree(options);
  return out;
}

void hold_store(const std::string& url) {
  const postgres::Address address = postgres::read_address(url);
  AMENDS_HOLDS(is_sentence(address.error, 200), "what is wrong with it is said in a printable sentence");
  AMENDS_HOLDS(is_sentence(postgres::find_tls_weakness(url), 4'000), "what is weak about it too");
  if (!address.error.empty()) {
    AMENDS_HOLDS(address.conninfo.empty() && address.shown.empty(), "nothing of a bad one is used");
    return;
  }
  AMENDS_HOLDS(is_sentence(address.shown, 20'000), "what is shown can be printed");
  const Settings asked = settings_of(url), given = settings_of(address.conninfo);
  for (const auto& [keyword, value] : asked)
    if (keyword != "client_encoding")
      AMENDS_HOLDS(given.contains(keyword) && given.at(keyword) == value, "libpq is given what the URL says");
  const auto password = asked.find("password");
  if (password == asked.end() || password->second.size() < 4 ||
      password->second.find_first_of("@:/") != std::string::npos)
    return;
  for (const char* keyword : {"user", "host", "port", "dbname"})
    if (const auto part = asked.find(keyword);
        part != asked.end() && part->second.find(password->second) != std::string::npos)
      return;
  if (std::string("@local:5432/").find(password->second) != std::string::npos) return;
  AMENDS_HOLDS(address.shown.find(password->second) == std::string::npos, "a password is not shown");
}

void hold_participant(const std::string& url) {
  sql::SqlEndpoint endpoint;
  endpoint.name = "shop";
  endpoint.url = url;
  endpoint.facts.idempotency = engine::Idempotency::barrier;
  for (const std::string& finding : findings(endpoint))
    AMENDS_HOLDS(is_sentence(finding, 300), "what is wrong with it can be printed");
  const sql::PostgresAddress address = sql::read_postgres_address(url);
  if (!address.error.empty()) {
    AMENDS_HOLDS(address.options.empty(), "nothing of a bad one is used");
    return;
  }
  const Settings asked = settings_of(url), given(address.options.begin(), address.options.end());
  AMENDS_HOLDS(!asked.contains("password"), "a password does not stand in it");
  for (const auto& [keyword, value] : asked)
    if (keyword != "client_encoding")
      AMENDS_HOLDS(given.at(keyword) == value, "libpq is given what the URL says");
}

}  // namespace

AMENDS_FUZZ_TARGET(postgres_url) {
  const std::string url(input);
  hold_store(url);
  hold_participant(url);
}

}  // namespace amends::fuzz
