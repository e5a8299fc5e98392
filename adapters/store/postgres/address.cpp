#include "adapters/store/postgres/address.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <cstdlib>
#include <map>

#include "engine/base/text.hpp"

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

constexpr engine::Millis tcp_limit_max = std::chrono::seconds(4);

// A peer that is gone is noticed within about ten seconds, also while we wait for its answer.
const std::map<std::string, std::string> defaults = {
    {"connect_timeout", "5"},
    {"keepalives_idle", "5"},
    {"keepalives_interval", "2"},
    {"keepalives_count", "3"},
    {"fallback_application_name", "amends"},
};

// As libpq would take it: from the URL, or else from the environment.
std::string setting(const PQconninfoOption* options, const std::string& keyword) {
  for (const PQconninfoOption* one = options; one->keyword != nullptr; ++one) {
    if (one->keyword != keyword) continue;
    if (one->val != nullptr) return one->val;
    const char* otherwise = one->envvar == nullptr ? nullptr : std::getenv(one->envvar);
    return otherwise == nullptr ? "" : otherwise;
  }
  return {};
}

bool is_this_machine(std::string_view host) {
  return host.empty() || host.starts_with('/') || host.starts_with('@') || host == "localhost" ||
         host.starts_with("127.") || host == "::1";
}

// Of the list "a,b,c".
std::string find_distant(std::string_view hosts) {
  while (!hosts.empty()) {
    const auto end = std::min(hosts.find(','), hosts.size());
    const std::string_view host = hosts.substr(0, end);
    if (!is_this_machine(host)) return std::string(host);
    hosts.remove_prefix(std::min(end + 1, hosts.size()));
  }
  return {};
}

}  // namespace

std::string find_tls_weakness(const std::string& url) {
  PQconninfoOption* options = ::PQconninfoParse(url.c_str(), nullptr);
  if (options == nullptr) return {};
  const std::string host = find_distant(setting(options, "host"));
  const std::string address = find_distant(setting(options, "hostaddr"));
  const std::string mode = setting(options, "sslmode");
  ::PQconninfoFree(options);
  if ((host.empty() && address.empty()) || mode == "verify-full") return {};
  return "the connection to the store on " + engine::escape_controls(host.empty() ? address : host) +
         " is not safe from whoever sits between: sslmode is " +
         (mode.empty() ? "prefer" : engine::escape_controls(mode)) +
         "; set sslmode=verify-full and sslrootcert in its URL";
}

bool is_url(std::string_view text) {
  return text.starts_with("postgres://") || text.starts_with("postgresql://");
}

Address read_address(const std::string& url, engine::Millis lease) {
  // libpq would cut it there, and connect to something else.
  const bool has_nul = url.find('\0') != std::string::npos;
  PQconninfoOption* options = has_nul ? nullptr : ::PQconninfoParse(url.c_str(), nullptr);
  if (options == nullptr) {
    // libpq's own message can repeat the part of the URL that is the password.
    return {{}, {}, "the store's address is not a PostgreSQL URL (postgres://user@host/database)"};
  }
  std::map<std::string, std::string> values = defaults;
  values["tcp_user_timeout"] = std::to_string(std::min<engine::Millis>(lease * 4 / 5, tcp_limit_max).count());
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
  out.shown = engine::escape_controls(part("user", "") + "@" + part("host", "local") + ":" +
                                      part("port", "5432") + "/" + part("dbname", part("user", "").c_str()));
  return out;
}

}  // namespace amends::postgres
