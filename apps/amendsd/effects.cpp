#include "apps/amendsd/effects.hpp"

#include <algorithm>
#include <filesystem>

#include "apps/amendsd/log.hpp"
#include "engine/base/text.hpp"
#include "engine/definition/local.hpp"

namespace amends::daemon {
namespace {

std::vector<http::HttpEndpoint> http_endpoints_of(const Config& config) {
  std::vector<http::HttpEndpoint> out;
  for (const EndpointConfig& from : config.endpoints) {
    if (from.kind != EndpointKind::http) continue;
    http::HttpEndpoint to;
    to.name = from.name;
    to.base_url = from.url;
    to.facts = from.facts;
    to.timeout_max = from.timeout_max;
    to.concurrency_max = from.concurrency;
    to.rate_per_second = from.rate;
    to.rate_burst = from.burst;
    to.response_bytes_max = from.response_bytes_max;
    to.allow_private = from.allow_private;
    to.refused_means_not_done.assign(from.refused_means_not_done.begin(), from.refused_means_not_done.end());
    to.undo_absent_is_done = from.undo_absent_is_done;
    to.headers = from.headers;
    to.bearer = from.bearer;
    to.ca_file = from.ca_file;
    out.push_back(std::move(to));
  }
  return out;
}

std::vector<sql::SqlEndpoint> sql_endpoints_of(const Config& config) {
  std::vector<sql::SqlEndpoint> out;
  for (const EndpointConfig& from : config.endpoints) {
    if (from.kind != EndpointKind::sql) continue;
    sql::SqlEndpoint to;
    to.name = from.name;
    to.url = from.url;
    to.password = from.password;
    to.facts = from.facts;
    to.barrier = from.barrier;
    to.timeout_max = from.timeout_max;
    to.concurrency_max = from.concurrency;
    to.statements.insert(from.statements.begin(), from.statements.end());
    out.push_back(std::move(to));
  }
  return out;
}

http::HttpOptions http_options(const Config& config) {
  http::HttpOptions out;
  out.threads = config.http_threads;
  return out;
}

sql::SqlOptions sql_options() {
  sql::SqlOptions out;
  out.note = [](const std::string& sentence) { log_line(engine::Severity::warning, sentence); };
  return out;
}

effect_local::LocalOptions local_options(const Config& config) {
  effect_local::LocalOptions out;
  out.threads = config.engine.local_threads;
  return out;
}

}  // namespace

Endpoints::Endpoints(const Config& config) : http(http_endpoints_of(config)), sql(sql_endpoints_of(config)) {}

std::vector<EndpointFinding> Endpoints::findings() const {
  std::vector<EndpointFinding> out;
  for (const http::HttpEndpoint& endpoint : http)
    for (std::string& finding : http::findings(endpoint)) out.push_back({endpoint.name, std::move(finding)});
  for (const sql::SqlEndpoint& endpoint : sql)
    for (std::string& finding : sql::findings(endpoint)) out.push_back({endpoint.name, std::move(finding)});
  return out;
}

std::vector<EndpointFinding> Endpoints::warnings() const {
  std::vector<EndpointFinding> out;
  for (const http::HttpEndpoint& endpoint : http)
    if (const std::string host = http::address_never_allowed(endpoint); !host.empty())
      out.push_back({endpoint.name, "names " + host +
                                        ", a private address that allow_private does not hold: no "
                                        "call will reach it"});
  for (const sql::SqlEndpoint& endpoint : sql) {
    if (!sql::is_sqlite_url(endpoint.url)) continue;
    const std::string file = endpoint.url.substr(std::string_view("sqlite:").size());
    std::error_code ignored;
    if (!std::filesystem::exists(file, ignored))
      out.push_back({endpoint.name, "names " + engine::escape_controls(file) + ", which does not exist"});
  }
  return out;
}

bool Endpoints::knows(std::string_view adapter, std::string_view name) const {
  const auto is_called = [name](const auto& endpoint) { return endpoint.name == name; };
  return (adapter == engine::local_adapter && name == engine::local_endpoint) ||
         (adapter == "http" && std::any_of(http.begin(), http.end(), is_called)) ||
         (adapter == "sql" && std::any_of(sql.begin(), sql.end(), is_called));
}

Effects::Effects(const Config& config, Endpoints endpoints, engine::Clock& clock,
                 const engine::LocalFunctions& functions)
    : http_(http_options(config), std::move(endpoints.http)),
      sql_(sql_options(), std::move(endpoints.sql)),
      local_(local_options(config), clock, functions) {}

std::string Effects::metrics() const {
  std::string in_flight, queued;
  const auto add = [&](const auto& count) {
    const std::string label = "{endpoint=\"" + count.name + "\"} ";
    in_flight += "amends_endpoint_in_flight" + label + std::to_string(count.in_flight) + "\n";
    queued += "amends_endpoint_queued" + label + std::to_string(count.queued) + "\n";
  };
  for (const auto& count : http_.counts()) add(count);
  for (const auto& count : sql_.counts()) add(count);
  return "# HELP amends_endpoint_in_flight Calls to an endpoint that wait for their answer.\n"
         "# TYPE amends_endpoint_in_flight gauge\n" +
         in_flight +
         "# HELP amends_endpoint_queued Calls that wait for their endpoint's limits.\n"
         "# TYPE amends_endpoint_queued gauge\n" +
         queued +
         "# HELP amends_local_in_flight Local functions that are at work or wait for a thread.\n"
         "# TYPE amends_local_in_flight gauge\n"
         "amends_local_in_flight " +
         std::to_string(local_.in_flight()) +
         "\n"
         "# HELP amends_local_stuck_threads Threads in local functions that were given up and have not come "
         "back.\n"
         "# TYPE amends_local_stuck_threads gauge\n"
         "amends_local_stuck_threads " +
         std::to_string(local_.stuck_threads()) + "\n";
}

}  // namespace amends::daemon
