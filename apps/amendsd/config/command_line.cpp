#include <CLI/CLI.hpp>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "apps/amendsd/config/config.hpp"
#include "engine/base/text.hpp"

namespace amends::daemon {
namespace {

namespace fs = std::filesystem;

struct Flags {
  std::string config_file, listen, host, data_dir, store, ready_file, log_level, engine_id, advertise;
  int port = -1;
  std::vector<std::string> plugins;
  bool allow_unauthenticated = false, accept_restored = false, check_only = false;
};

void declare(CLI::App& app, Flags& flags) {
  app.set_version_flag("--version", std::string("amendsd ") + version);
  app.add_option("--config", flags.config_file, "the TOML file")->type_name("FILE");
  app.add_option("--listen", flags.listen, "where to serve (default 127.0.0.1:7425)")->type_name("HOST:PORT");
  app.add_option("--port", flags.port, "the port alone; 0 takes a free one")
      ->check(CLI::Range(0, 65535))
      ->type_name("N");
  app.add_option("--data-dir", flags.data_dir, "where the embedded store lives (default ./amends-data)")
      ->type_name("DIR");
  app.add_option("--store", flags.store, "a PostgreSQL database instead: postgres://user@host/database")
      ->type_name("URL");
  app.add_option("--plugin", flags.plugins, "a workflow plugin; may be given several times")
      ->type_name("FILE");
  app.add_option("--ready-file", flags.ready_file, "write the address there once requests are served")
      ->type_name("FILE");
  app.add_option("--engine-id", flags.engine_id,
                 "who owns the writer row (default amendsd; over PostgreSQL the host's name)")
      ->type_name("ID");
  app.add_option("--advertise", flags.advertise, "where others reach it, where that is not --listen")
      ->type_name("URL");
  app.add_option("--log-level", flags.log_level, "debug, info, warning or error")->type_name("LEVEL");
  app.add_flag("--allow-unauthenticated", flags.allow_unauthenticated,
               "serve beyond loopback although there is no authentication");
  app.add_flag("--accept-restored", flags.accept_restored,
               "go on with a store that is behind store.mark: it was restored from a backup");
  app.add_flag("--check", flags.check_only, "check configuration and plugins, say what is wrong, and end");
}

void read_file(const std::string& path, Config& config, ConfigFindings& findings) {
  std::ifstream file(path, std::ios::binary);
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) {  // it opens, and throws when it is read
    findings.sentences.push_back(path + ": is a directory, not a configuration file");
    return;
  }
  if (!file) {
    findings.sentences.push_back(path + ": the configuration file cannot be read: " + std::strerror(errno));
    return;
  }
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  read_toml(text, path, config, findings);
  // A file says where its neighbours are; it does not know from where the daemon is started.
  for (std::string& plugin : config.plugins)
    if (fs::path(plugin).is_relative())
      plugin = (fs::absolute(path).parent_path() / plugin).lexically_normal().string();
}

void apply(const Flags& flags, Config& config, ConfigFindings& findings) {
  const auto take = [&findings](const std::string& value, std::string& out, const char* key,
                                const char* flag) {
    if (value.empty()) return;
    out = value;
    findings.places[key] = flag;
  };
  if (!flags.listen.empty()) {
    findings.places["server.listen"] = "--listen";
    if (!parse_listen(flags.listen, config.server))
      findings.sentences.push_back(
          "--listen must be HOST:PORT; an IPv6 address stands in brackets: [::1]:7425");
  }
  if (flags.port >= 0) config.server.port = static_cast<std::uint16_t>(flags.port);
  take(flags.data_dir, config.data_dir, "store.path", "--data-dir");
  take(flags.store, config.store_url, "store.url", "--store");
  take(flags.ready_file, config.server.ready_file, "ready-file", "--ready-file");
  take(flags.engine_id, config.engine.id, "engine.id", "--engine-id");
  take(flags.advertise, config.server.advertise, "server.advertise", "--advertise");
  take(flags.log_level, config.log_level, "log.level", "--log-level");
  if (flags.allow_unauthenticated) config.server.allow_unauthenticated = true;
  config.accept_restored = flags.accept_restored;
  for (const std::string& plugin : flags.plugins) {
    if (plugin.empty())
      findings.sentences.push_back("--plugin must name a file");
    else
      config.plugins.push_back(fs::absolute(plugin).lexically_normal().string());
  }
}

}  // namespace

CommandLine read_command_line(int argc, const char* const* argv, const char* const* environment) {
  CommandLine out;
  Flags flags;
  CLI::App app{
      "amendsd runs sagas: it keeps their progress in a relational store and drives their steps to an end.",
      "amendsd"};
  declare(app, flags);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    const int code = app.exit(e);
    out.exit_code = code == 0 ? 0 : 2;
    return out;
  }
  ConfigFindings& findings = out.findings;
  for (const char* const* e = environment; *e != nullptr && flags.config_file.empty(); ++e)
    if (std::string_view(*e).substr(0, 14) == "AMENDS_CONFIG=") flags.config_file = std::string(*e + 14);
  if (!flags.config_file.empty()) read_file(flags.config_file, out.config, findings);
  read_environment(environment, out.config, findings);
  apply(flags, out.config, findings);
  check(out.config, findings);
  out.check_only = flags.check_only;
  return out;
}

}  // namespace amends::daemon
