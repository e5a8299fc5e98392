// amendsd, the daemon. Reads downwards: configuration, plugins, store, effects, engine, service, REST, and
// back.
#include <signal.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <poll.h>
#include <cstdio>
#include <fstream>

#include "adapters/clock/system_clock.hpp"
#include "adapters/clock/system_entropy.hpp"
#include "adapters/effect/http/http_adapter.hpp"
#include "adapters/store/postgres/postgres_store.hpp"
#include "adapters/store/sqlite/sqlite_store.hpp"
#include "apps/amendsd/config/config.hpp"
#include "apps/amendsd/log.hpp"
#include "apps/amendsd/rest/front/front.hpp"
#include "apps/amendsd/rest/routes/api.hpp"
#include "engine/runtime/engine.hpp"
#include "engine/service/service.hpp"
#include "workflows/host/host.hpp"

extern char** environ;

namespace amends::daemon {
namespace {

using engine::Severity;

int fail(const std::string& sentence) {
  log_line(Severity::error, sentence);
  return 1;
}

// SIGTERM and SIGINT as a file descriptor: blocked before any thread is made, so that no thread takes them.
int block_stop_signals() {
  sigset_t stops;
  sigemptyset(&stops);
  sigaddset(&stops, SIGTERM);
  sigaddset(&stops, SIGINT);
  pthread_sigmask(SIG_BLOCK, &stops, nullptr);
  signal(SIGPIPE, SIG_IGN);
  return signalfd(-1, &stops, SFD_CLOEXEC);
}

// Clients and endpoints may hold thousands of connections; the usual soft limit of 1024 is a default, not a
// wish.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

std::vector<http::HttpEndpoint> endpoints_of(const Config& config) {
  std::vector<http::HttpEndpoint> out;
  for (const EndpointConfig& from : config.endpoints) {
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

// Everything that speaks against running as configured, beyond what reading the configuration has found.
std::vector<std::string> preflight(const engine::Host& host,
                                   const std::vector<http::HttpEndpoint>& endpoints) {
  std::vector<std::string> out;
  for (const http::HttpEndpoint& endpoint : endpoints)
    for (const std::string& finding : http::findings(endpoint))
      out.push_back("endpoint '" + endpoint.name + "': " + finding);
  for (const engine::Refusal& refusal : host.refusals()) out.push_back(refusal.path + ": " + refusal.reason);
  const auto knows = [&](std::string_view adapter, std::string_view name) {
    return adapter == "http" &&
           std::any_of(endpoints.begin(), endpoints.end(), [&](const auto& e) { return e.name == name; });
  };
  for (const engine::PlanPtr& plan : host.plans())
    for (const std::string& finding : engine::check_endpoints(*plan, knows)) out.push_back(finding);
  return out;
}

bool write_ready_file(const std::string& path, const std::string& address) {
  // Whoever waits for the file must never read half of it.
  const std::string draft = path + ".new";
  {
    std::ofstream file(draft, std::ios::trunc);
    file << address << "\n";
    if (!file.flush()) return false;
  }
  return std::rename(draft.c_str(), path.c_str()) == 0;
}

engine::EngineOptions engine_options(const EngineConfig& config) {
  engine::EngineOptions out;
  out.engine_id = config.id;
  out.shard.keys_retention = config.keys_retention;
  out.prepare.threads = config.author_threads;
  out.prepare.limit = config.author_limit;
  return out;
}

rest::FrontOptions front_options(const ServerConfig& config) {
  rest::FrontOptions out;
  out.address = config.host == "localhost" ? "127.0.0.1" : config.host;
  out.port = config.port;
  out.workers = config.workers;
  out.connections_max = config.connections_max;
  out.limits.body_bytes_max = config.body_bytes_max;
  for (const std::string& host : config.hosts) out.limits.hosts.push_back(host);
  return out;
}

// "amends_endpoint_in_flight{endpoint="inventory"} 3": what the HTTP adapter counts.
std::string endpoint_metrics(const http::HttpAdapter& adapter) {
  std::string out =
      "# HELP amends_endpoint_in_flight Calls to an endpoint that wait for their answer.\n# TYPE "
      "amends_endpoint_in_flight gauge\n";
  for (const http::EndpointCounts& c : adapter.counts())
    out += "amends_endpoint_in_flight{endpoint=\"" + c.name + "\"} " + std::to_string(c.in_flight) + "\n";
  out +=
      "# HELP amends_endpoint_queued Calls that wait for their endpoint's limits.\n# TYPE "
      "amends_endpoint_queued gauge\n";
  for (const http::EndpointCounts& c : adapter.counts())
    out += "amends_endpoint_queued{endpoint=\"" + c.name + "\"} " + std::to_string(c.queued) + "\n";
  return out;
}

struct OpenedStore {
  std::unique_ptr<engine::Store> store;  // nothing when it cannot be opened
  std::string shown, error;
};

OpenedStore open_store(const Config& config) {
  if (config.store_url.empty()) {
    sqlite::OpenedStore opened = sqlite::SqliteStore::open(config.data_dir);
    return {std::move(opened.store), config.data_dir, opened.error};
  }
  postgres::OpenedStore opened = postgres::PostgresStore::open(config.store_url);
  const std::string shown = opened.store ? opened.store->shown() : "";
  return {std::move(opened.store), shown, opened.error};
}

// Until a stop signal, or until another engine has taken the store.
void wait_for_stop(int signals, const engine::Engine& engine) {
  pollfd waited{signals, POLLIN, 0};
  while (::poll(&waited, 1, 500) <= 0)
    if (engine.fenced()) return;
}

int serve(const Config& config, const engine::Host& host, std::vector<http::HttpEndpoint> endpoints,
          int signals) {
  engine::SystemClock clock;
  engine::SystemEntropy entropy;
  LogObserver observer;

  const OpenedStore opened = open_store(config);
  if (!opened.store) return fail(opened.error);
  engine::Store& store = *opened.store;

  http::HttpOptions http_options;
  http_options.threads = config.http_threads;
  http::HttpAdapter http(http_options, std::move(endpoints));
  engine::Engine engine(engine_options(config.engine), clock, entropy, store, host, host, {&http}, observer);
  if (const std::string trouble = engine.open(); !trouble.empty()) return fail(trouble);
  for (const auto& [plan, why] : engine.refused_plans()) log_line(Severity::warning, why, {{"plan", plan}});

  engine::Service service(engine, host, store, clock, entropy);
  std::vector<rest::RefusedPlugin> refused;
  for (const engine::Refusal& one : host.refusals()) refused.push_back({one.path, one.reason});
  rest::Api api(
      {service, clock, observer.metrics, std::move(refused), [&] { return endpoint_metrics(http); }});
  rest::Router router;
  api.mount_on(router);
  rest::Front front(front_options(config.server), router);
  try {
    front.start();
  } catch (const std::system_error& e) {
    engine.stop(Millis(0));
    return fail("cannot listen on " + config.server.host + ":" + std::to_string(config.server.port) + ": " +
                e.code().message());
  }
  const std::string address = "http://" + config.server.host + ":" + std::to_string(front.port());
  if (!config.server.ready_file.empty() && !write_ready_file(config.server.ready_file, address)) {
    engine.stop(Millis(0));
    return fail("cannot write the ready file " + config.server.ready_file);
  }
  log_line(Severity::info, "serving",
           {{"address", address}, {"store", opened.shown}, {"workflows", host.plans().size()}});

  wait_for_stop(signals, engine);
  const bool fenced = engine.fenced();
  log_line(fenced ? Severity::error : Severity::info,
           fenced ? "another engine has taken the store: ending" : "stopping");
  // Starts in work are answered by the engine's last flush, so the front goes after it.
  engine.stop(config.engine.drain_limit);
  front.stop();
  log_line(Severity::info, "stopped");
  return fenced ? 1 : 0;
}

int run(int argc, char** argv) {
  const CommandLine command = read_command_line(argc, argv, environ);
  if (command.exit_code) return *command.exit_code;
  const Config& config = command.config;
  open_log(config.log_level);
  const int signals = block_stop_signals();
  raise_descriptor_limit();

  engine::Host host(config.plugins);
  std::vector<http::HttpEndpoint> endpoints = endpoints_of(config);
  const std::vector<std::string> trouble = preflight(host, endpoints);
  for (const std::string& sentence : trouble)
    log_line(command.check_only ? Severity::error : Severity::warning, sentence);
  if (command.check_only) {
    std::printf("%s\n", trouble.empty() ? "the configuration is good" : "the configuration has findings");
    return trouble.empty() ? 0 : 3;
  }
  for (const http::HttpEndpoint& endpoint : endpoints)
    if (!http::findings(endpoint).empty())
      return fail("an endpoint cannot be used: " + http::findings(endpoint).front());
  return serve(config, host, std::move(endpoints), signals);
}

}  // namespace
}  // namespace amends::daemon

int main(int argc, char** argv) {
  return amends::daemon::run(argc, argv);
}
