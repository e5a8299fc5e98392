// What the daemon is told: one TOML file, then AMENDS_* variables, then flags; the later wins.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/time.hpp"
#include "engine/definition/request.hpp"

namespace amends::daemon {

using engine::Millis;

inline constexpr const char* version = "0.1.0";

struct ServerConfig {
  std::string host = "127.0.0.1";
  std::uint16_t port = 7425;       // 0: any free one, see ready_file
  std::string advertise;           // where others reach it, "http://a.example:7425"; empty: where it listens
  std::vector<std::string> hosts;  // Host header values taken beside localhost, 127.0.0.1 and [::1]
  std::uint32_t workers = 8;       // 1 to 256
  std::uint32_t body_bytes_max = 1 << 20;
  std::uint32_t connections_max = 4096;
  std::string ready_file;              // written once requests are served: "http://127.0.0.1:PORT\n"
  bool allow_unauthenticated = false;  // beyond loopback, until there is authentication
};

struct EngineConfig {
  std::string id = "amendsd";        // [a-z0-9-]{1,64}; left so, over PostgreSQL the host's name
  Millis lease{5'000};               // how long others wait for a silent engine, in a shared store
  std::uint32_t writers = 1;         // 1 to 8: engines in this process, each with a connection that writes
  std::uint32_t author_threads = 2;  // 1 to 64: run the step functions of plugins
  std::uint32_t local_threads = 8;   // 1 to 256: run local functions, which may do I/O
  Millis author_limit{5'000};        // one call of a step function
  Millis keys_retention{30LL * 24 * 3600 * 1000};
  Millis drain_limit{10'000};  // SIGTERM: how long attempts in flight are waited for
};

// When finished sagas leave the store.
struct RetentionConfig {
  std::optional<Millis> finished;  // so long after their end; nothing: never
  std::string archive;             // a directory that they are written to before; empty: they are gone
  double share = 0.05;             // of the time, for all that leaves; 0.001 to 1
};
inline constexpr Millis retention_max = std::chrono::hours(24) * 36'500;

// One outside system, by the name that plans use for it.
enum class EndpointKind : std::uint8_t { http, sql };

struct EndpointConfig {
  std::string name, url;
  EndpointKind kind = EndpointKind::http;
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
  // For kind sql alone.
  std::string password;                           // "env:NAME" or "file:/path"
  bool barrier = true;                            // its row is written in the step's transaction
  std::map<std::string, std::string> statements;  // by name, for steps that name them
};

struct Config {
  ServerConfig server;
  EngineConfig engine;
  RetentionConfig retention;
  std::string data_dir = "./amends-data";
  std::uint64_t reserve_bytes = 16 << 20;  // kept free on its disk: with less, starts are answered 507
  std::string store_url;   // "postgres://user@host/database": the store is there, and data_dir is not used
  std::string store_mark;  // a file outside of the store that says how far it has come; empty: none
  bool accept_restored = false;      // serve a store that is behind its mark
  std::vector<std::string> plugins;  // files; relative ones are taken from the configuration file's folder
  std::vector<EndpointConfig> endpoints;
  std::uint32_t http_threads = 2;  // 1 to 8: run the calls to all endpoints
  std::string log_level = "info";  // debug info warning error
};

// Where the configuration says what it cannot mean; each sentence names file and line, variable or flag.
struct ConfigFindings {
  std::vector<std::string> sentences;  // amendsd does not start with these
  std::vector<std::string> warnings;   // with these it does
  // Where a key was given: "server.listen" -> "amendsd.toml:3", "AMENDS_LISTEN" or "--listen".
  std::map<std::string, std::string> places;

  bool ok() const { return sentences.empty(); }
  // "amendsd.toml:3: 'server.workers' must be ..."; without the place for a key that nobody gave.
  std::string about(const std::string& key, const std::string& what) const;
  void say(const std::string& key, const std::string& what) { sentences.push_back(about(key, what)); }
  bool says_about(const std::string& key) const;
  // Sentences and warnings, by file and line, each once.
  std::vector<std::string> sorted() const;
};

// Reads the file over `config`. `origin` stands in the findings.
void read_toml(std::string_view text, const std::string& origin, Config& config, ConfigFindings& findings);

// AMENDS_LISTEN, AMENDS_DATA_DIR, AMENDS_STORE, AMENDS_PLUGINS (colon-separated), AMENDS_LOG_LEVEL,
// AMENDS_ENGINE_ID. One that reads almost like ours was meant to be it: a finding. Any other is somebody
// else's: a warning, and not even that when an endpoint's bearer or password names it. So the file is read
// first.
void read_environment(const char* const* environment, Config& config, ConfigFindings& findings);

// Rules over the whole: loopback without authentication, what variables and flags may have set, endpoint
// names, urls and references. Ranges are held where the file is read.
void check(const Config& config, ConfigFindings& findings);

// "HOST:PORT", "[IPV6]:PORT", ":PORT" or "PORT"; false leaves `server` as it was.
bool parse_listen(std::string_view text, ServerConfig& server);
// "250ms", "10s", "5m", "24h", "30d".
std::optional<Millis> parse_duration(std::string_view text);

// What main does with the command line.
struct CommandLine {
  Config config;
  bool check_only = false;
  ConfigFindings findings;
  std::optional<int> exit_code;  // set when there is nothing left to do (help, version, an unknown flag)
};
CommandLine read_command_line(int argc, const char* const* argv, const char* const* environment);

}  // namespace amends::daemon
