// amendsd, the daemon. Reads downwards: configuration, plugins, store, effects, engine, service, REST, and
// back.
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <system_error>

#include "adapters/archive/jsonl/jsonl_archive.hpp"
#include "adapters/clock/system_clock.hpp"
#include "adapters/clock/system_entropy.hpp"
#include "adapters/store/postgres/address.hpp"
#include "apps/amendsd/config/config.hpp"
#include "apps/amendsd/effects.hpp"
#include "apps/amendsd/log.hpp"
#include "apps/amendsd/mark_keeper.hpp"
#include "apps/amendsd/open_store.hpp"
#include "apps/amendsd/preflight.hpp"
#include "apps/amendsd/process.hpp"
#include "apps/amendsd/ready_file.hpp"
#include "apps/amendsd/rest/front/front.hpp"
#include "apps/amendsd/rest/routes/api.hpp"
#include "engine/runtime/writers.hpp"
#include "engine/service/intake.hpp"
#include "engine/service/retirement.hpp"
#include "engine/service/service.hpp"
#include "engine/service/sharing_watch.hpp"
#include "workflows/host/host.hpp"

extern char** environ;

namespace amends::daemon {
namespace {

using engine::Severity;

int fail(const std::string& sentence) {
  log_line(Severity::error, sentence);
  return 1;
}

// Empty when the system does not say it.
std::string host_name() {
  char host[256] = {};
  return ::gethostname(host, sizeof host - 1) == 0 ? host : "";
}

// Where others reach us: what was said, else where we listen, and by the host's name where that is
// everywhere.
std::string advertised(const ServerConfig& config, const std::string& address, std::uint16_t port) {
  if (!config.advertise.empty()) return config.advertise;
  const bool everywhere = config.host == "0.0.0.0" || config.host == "[::]";
  const std::string host = host_name();
  return everywhere && !host.empty() ? "http://" + host + ":" + std::to_string(port) : address;
}

// Engines that share a store are told apart by their hosts' names unless they are given others.
std::string engine_id_of(const Config& config) {
  const std::string host = host_name();
  if (config.engine.id != EngineConfig().id || config.store_url.empty() || host.empty())
    return config.engine.id;
  std::string out;
  for (const char c : host.substr(0, 64)) {
    const char low = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    out += (low >= 'a' && low <= 'z') || (low >= '0' && low <= '9') ? low : '-';
  }
  return out.empty() ? config.engine.id : out;
}

// Of the writers of one daemon, the first bears the engine's id, the second "ID/2": no id holds a slash.
engine::EngineOptions engine_options(const Config& all, std::size_t writer) {
  const EngineConfig& config = all.engine;
  engine::EngineOptions out;
  out.engine_id = engine_id_of(all) + (writer > 0 ? "/" + std::to_string(writer + 1) : "");
  out.shard.live_max /= all.engine.writers;  // the memory is one
  out.shard.keys_retention = keys_retention(all);
  out.prepare.threads = config.author_threads;
  out.prepare.limit = config.author_limit;
  return out;
}

rest::FrontOptions front_options(const ServerConfig& config) {
  rest::FrontOptions out;
  out.address = config.host == "localhost" ? "127.0.0.1" : config.host;
  if (out.address.starts_with('[')) out.address = out.address.substr(1, out.address.size() - 2);
  out.port = config.port;
  out.workers = config.workers;
  out.connections_max = config.connections_max;
  out.limits.body_bytes_max = config.body_bytes_max;
  for (const std::string& host : config.hosts) out.limits.hosts.push_back(host);
  return out;
}

// One line that says what this process is and what it found.
engine::Json start_summary(const std::string& address, const std::string& store, const engine::Host& host,
                           const engine::Writers& writers) {
  const engine::Recovered found = writers.found();
  engine::Json plans = engine::Json::array();
  for (const engine::PlanPtr& plan : host.plans())
    if (!writers.refused_plans().contains(plan->id())) plans.push_back(plan->id());
  return {{"version", version},
          {"address", address},
          {"store", store},
          {"workflows", std::move(plans)},
          {"sagas_recovered", found.sagas},
          {"sagas_in_doubt", found.in_doubt},
          {"sagas_need_operator", found.parked},
          {"sagas_set_aside", found.set_aside}};
}

// Until a stop signal, or until another engine has taken the store.
void wait_for_stop(int signals, const engine::Writers& writers) {
  pollfd waited{signals, POLLIN, 0};
  while (::poll(&waited, 1, 500) <= 0)
    if (writers.fenced()) return;
}

int serve(const Config& config, const engine::Host& host, Endpoints endpoints, int signals) {
  engine::SystemClock clock;
  engine::SystemEntropy entropy;
  LogObserver observer;
  if (const std::string trouble = ReadyFile::trouble_of(config.server.ready_file); !trouble.empty())
    return fail(trouble);

  archive::JsonlArchive archive(config.retention.archive);
  const bool archives = !config.retention.archive.empty() && config.retention.finished;
  if (const std::string trouble = archives ? archive.prepare() : ""; !trouble.empty()) return fail(trouble);

  if (const std::string weakness = postgres::find_tls_weakness(config.store_url); !weakness.empty())
    log_line(Severity::warning, weakness);
  // One for each writer: its connections, and its place among those who share the store.
  std::vector<OpenedStore> opened;
  for (std::size_t i = 0; i < config.engine.writers; ++i) {
    opened.push_back(open_store(config));
    if (!opened.back().store) return fail(opened.back().error);
  }
  engine::Store& store = *opened.front().store;
  MarkKeeper mark(config.store_mark, *store.inspection());
  if (const std::string trouble = mark.trouble(); !trouble.empty() && !config.accept_restored)
    return fail(trouble);
  // Not before the store is ours: the file may be that of the daemon that has it.
  const ReadyFile ready_file(config.server.ready_file);
  Effects effects(config, std::move(endpoints), clock, host);
  std::vector<std::unique_ptr<engine::Engine>> engines;
  std::vector<engine::Engine*> each;
  for (const OpenedStore& one : opened) {
    engines.push_back(std::make_unique<engine::Engine>(engine_options(config, each.size()), clock, entropy,
                                                       *one.store, host, host, effects.adapters(), observer));
    each.push_back(engines.back().get());
  }
  engine::Writers writers(each);
  const auto stop_asked = [signals] {
    pollfd asked{signals, POLLIN, 0};
    return ::poll(&asked, 1, 0) > 0;
  };
  // No thread may be at work when what it works on goes. Threads that are stuck in an author's function
  // cannot be stopped, and would find their plans gone from under them.
  const auto end_with = [&](int code) {
    writers.stop(Millis(0));
    if (writers.stuck_threads() + effects.stuck_threads() == 0) return code;
    close_log();
    std::_Exit(code);
  };
  if (const std::string trouble = writers.open(stop_asked); !trouble.empty()) {
    if (!stop_asked()) return end_with(fail(trouble));
    log_line(Severity::info, trouble);
    return end_with(0);
  }
  for (const auto& [plan, why] : writers.refused_plans()) log_line(Severity::warning, why, {{"plan", plan}});

  mark.begin();

  engine::Service service(writers, host, store, clock, entropy, store.shared());
  std::optional<engine::Intake> intake;
  std::optional<engine::SharingWatch> watch;
  if (engine::SharedStore* shared = store.shared()) {
    intake.emplace(writers, host, *shared, clock, observer);
    watch.emplace(*shared, clock);
  }
  if (config.retention.finished) service.tell_retention(*config.retention.finished);
  engine::Retirement retirement(
      {config.retention.finished, config.retention.share, keys_retention(config)}, *store.retention(),
      [&] { return writers.owned().ours; }, archives ? &archive : nullptr, clock, observer);
  std::vector<rest::RefusedPlugin> refused;
  for (const engine::Refusal& one : host.refusals()) refused.push_back({one.path, one.reason});
  rest::Api api({service, clock, observer.metrics, std::move(refused), [&] { return effects.metrics(); },
                 watch ? &*watch : nullptr});
  rest::Router router;
  api.mount_on(router);
  rest::Front front(front_options(config.server), router);
  try {
    front.start();
  } catch (const rest::NoThread& e) {
    return end_with(fail(e.what()));
  } catch (const std::system_error& e) {
    return end_with(fail("cannot listen on " + config.server.host + ":" + std::to_string(config.server.port) +
                         ": " + e.code().message()));
  }
  const std::string address = "http://" + config.server.host + ":" + std::to_string(front.port());
  for (const OpenedStore& one : opened)
    if (engine::SharedStore* shared = one.store->shared())
      shared->introduce(advertised(config.server, address, front.port()));
  if (const std::string trouble = ready_file.write(address); !trouble.empty()) return end_with(fail(trouble));
  log_line(Severity::info, "serving", start_summary(address, opened.front().shown, host, writers));

  wait_for_stop(signals, writers);
  const bool fenced = writers.fenced();
  log_line(fenced ? Severity::error : Severity::info,
           fenced ? "another engine has taken the store: ending" : "stopping");
  // Starts in work are answered by the engine's last flush, so the front goes after it.
  retirement.stop();
  if (intake) intake->stop();
  if (watch) watch->stop();
  writers.stop(config.engine.drain_limit);
  mark.stop();
  service.stop();
  front.stop();
  log_line(Severity::info, "stopped");
  return end_with(fenced ? 1 : 0);
}

// Everything that a start would find out, without one; as `file:line: sentence`, in the file's order.
int check_only(const Config& config, const Endpoints& endpoints, const engine::Host& host,
               ConfigFindings findings) {
  const auto knows = [&](std::string_view adapter, std::string_view name) {
    return endpoints.knows(adapter, name);
  };
  for (const engine::PlanPtr& plan : host.plans())
    for (const std::string& finding : engine::check_endpoints(*plan, knows))
      findings.warnings.push_back(finding);
  if (config.store_url.empty() && !config.data_dir.empty())
    if (const std::string trouble = try_data_dir(config.data_dir); !trouble.empty())
      findings.say("store.path", trouble);
  if (config.retention.finished && !config.retention.archive.empty())
    if (const std::string trouble = try_data_dir(config.retention.archive); !trouble.empty())
      findings.say("retention.archive", trouble);
  if (const std::string trouble = ReadyFile::trouble_of(config.server.ready_file); !trouble.empty())
    findings.sentences.push_back(trouble);
  const std::vector<std::string> sentences = findings.sorted();
  for (const std::string& sentence : sentences) std::printf("%s\n", sentence.c_str());
  if (sentences.empty()) std::puts("the configuration is good");
  return sentences.empty() ? 0 : 3;
}

int run(int argc, char** argv) {
  CommandLine command = read_command_line(argc, argv, environ);
  if (command.exit_code) return *command.exit_code;
  const Config& config = command.config;
  const int signals = block_stop_signals();
  open_log(config.log_level);
  raise_descriptor_limit();

  Endpoints endpoints(config);
  const engine::Host host(config.plugins);
  preflight(config, endpoints.findings(), endpoints.warnings(), host, command.findings);
  if (command.check_only) return check_only(config, endpoints, host, std::move(command.findings));
  if (!command.findings.ok()) {
    for (const std::string& sentence : command.findings.sorted())
      std::fprintf(stderr, "amendsd: %s\n", sentence.c_str());
    return 2;
  }
  for (const std::string& sentence : command.findings.sorted()) log_line(Severity::warning, sentence);
  try {
    return serve(config, host, std::move(endpoints), signals);
  } catch (const std::system_error& e) {  // no thread or no descriptor for one of the parts
    return fail(std::string("cannot start: ") + e.what());
  }
}

}  // namespace
}  // namespace amends::daemon

int main(int argc, char** argv) {
  const int code = amends::daemon::run(argc, argv);
  amends::daemon::close_log();
  return code;
}
