// What the daemon is told: one TOML file, then AMENDS_* variables, then flags; the later wins.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/time.hpp"
#include "engine/definition/request.hpp"

namespace amends::daemon {

using engine::Millis;

struct ServerConfig {
  std::string host = "127.0.0.1";
  std::uint16_t port = 7425;       // 0: any free one, see ready_file
  std::vector<std::string> hosts;  // Host header values taken beside localhost, 127.0.0.1 and [::1]
  std::uint32_t workers = 8;       // 1 to 256
  std::uint32_t body_bytes_max = 1 << 20;
  std::uint32_t connections_max = 4096;
  std::string ready_file;              // written once requests are served: "http://127.0.0.1:PORT\n"
  bool allow_unauthenticated = false;  // beyond loopback, until there is authentication
};

struct EngineConfig {
  std::string id = "amendsd";        // [a-z0-9-]{1,64}; who owns the writer row
  std::uint32_t author_threads = 2;  // 1 to 64: run the step functions of plugins
  Millis author_limit{5'000};        // one call of a step function
  Millis keys_retention{30LL * 24 * 3600 * 1000};
  Millis drain_limit{10'000};  // SIGTERM: how long attempts in flight are waited for
};

// One outside system, by the name that plans use for it.
struct EndpointConfig {
  std::string name, url;
  engine::EndpointFacts facts;
  Millis timeout_max{60'000};
  std::uint32_t concurrency = 64;
  double rate = 0;  // requests per second; 0: no limit
  std::uint32_t burst = 1;
  std::uint32_t response_bytes_max = 1 << 20;
  std::vector<std::string> allow_private;             // CIDRs of private addresses it may resolve to
  std::vector<std::uint16_t> refused_means_not_done;  // statuses of 5xx that say "surely not done"
  bool undo_absent_is_done = false;                   // 404 and 410 on an undo: nothing is left to undo
  std::string bearer;                                 // "env:NAME" or "file:/path"
  std::string ca_file;
  std::vector<std::pair<std::string, std::string>> headers;
};

struct Config {
  ServerConfig server;
  EngineConfig engine;
  std::string data_dir = "./amends-data";
  std::string store_url;  // "postgres://user@host/database": the store is there, and data_dir is not used
  std::vector<std::string> plugins;  // files; relative ones are taken from the configuration file's folder
  std::vector<EndpointConfig> endpoints;
  std::uint32_t http_threads = 1;  // 1 to 8: run the calls to all endpoints
  std::string log_level = "info";  // debug info warning error
};

// Where the configuration says what it cannot mean; each sentence names file and line, variable or flag.
struct ConfigFindings {
  std::vector<std::string> sentences;
  bool ok() const { return sentences.empty(); }
};

// Reads the file over `config`. `origin` stands in the findings.
void read_toml(std::string_view text, const std::string& origin, Config& config, ConfigFindings& findings);

// AMENDS_LISTEN, AMENDS_DATA_DIR, AMENDS_STORE, AMENDS_PLUGINS (colon-separated), AMENDS_LOG_LEVEL, AMENDS_ENGINE_ID.
// An AMENDS_ variable that is none of ours is a finding: it was meant to do something.
void read_environment(const char* const* environment, Config& config, ConfigFindings& findings);

// Rules over the whole: ranges, loopback without authentication, endpoint names and urls.
void check(const Config& config, ConfigFindings& findings);

// "HOST:PORT" or ":PORT" or "PORT"; false leaves `server` as it was.
bool parse_listen(std::string_view text, ServerConfig& server);
// "250ms", "10s", "5m", "24h", "30d".
std::optional<Millis> parse_duration(std::string_view text);

// What main does with the command line.
struct CommandLine {
  Config config;
  bool check_only = false;
  std::optional<int> exit_code;  // set when there is nothing left to do (help, version, a finding)
};
CommandLine read_command_line(int argc, const char* const* argv, const char* const* environment);

}  // namespace amends::daemon
