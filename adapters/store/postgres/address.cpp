#include "adapters/store/postgres/address.hpp"

#include <libpq-fe.h>

#include <map>

namespace amends::postgres {
namespace {

std::string quoted(const std::string& value) {
  std::string out = "'";
  for (const char c : value) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

// A peer that is gone is noticed within about ten seconds, also while we wait for its answer.
const std::map<std::string, std::string> defaults = {
    {"connect_timeout", "5"},     {"tcp_user_timeout", "4000"}, {"keepalives_idle", "5"},
    {"keepalives_interval", "2"}, {"keepalives_count", "3"},    {"fallback_application_name", "amends"},
};

}  // namespace

bool is_url(std::string_view text) {
  return text.starts_with("postgres://") || text.starts_with("postgresql://");
}

Address read_address(const std::string& url) {
  // libpq would cut it there, and connect to something else.
  const bool has_nul = url.find('\0') != std::string::npos;
  PQconninfoOption* options = has_nul ? nullptr : ::PQconninfoParse(url.c_str(), nullptr);
  if (options == nullptr) {
    // libpq's own message can repeat the part of the URL that is the password.
    return {{}, {}, "the store's address is not a PostgreSQL URL (postgres://user@host/database)"};
  }
  std::map<std::string, std::string> values = defaults;
  for (const PQconninfoOption* option = options; option->keyword != nullptr; ++option) {
    if (option->val != nullptr) values[option->keyword] = option->val;
  }
  ::PQconninfoFree(options);
  values["client_encoding"] = "UTF8";

  Address out;
  for (const auto& [keyword, value] : values) out.conninfo += keyword + "=" + quoted(value) + " ";
  const auto part = [&](const char* keyword, const char* otherwise) {
    const auto found = values.find(keyword);
    return found == values.end() ? std::string(otherwise) : found->second;
  };
  out.shown = part("user", "") + "@" + part("host", "local") + ":" + part("port", "5432") + "/" +
              part("dbname", part("user", "").c_str());
  return out;
}

}  // namespace amends::postgres
