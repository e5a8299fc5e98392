#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <set>

#include "apps/amendsd/config/config.hpp"

namespace amends::daemon {
namespace {

bool is_name(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), allowed);
}

bool is_loopback(const std::string& host) {
  if (host == "localhost" || host == "::1" || host == "[::1]") return true;
  // 127.0.0.1.example.org is somebody's name.
  in_addr address{};
  return ::inet_pton(AF_INET, host.c_str(), &address) == 1 && ntohl(address.s_addr) >> 24 == 127;
}

void check_endpoint(const EndpointConfig& e, ConfigFindings& findings) {
  const auto say = [&](const std::string& what) {
    findings.sentences.push_back("endpoint '" + e.name + "': " + what);
  };
  if (!is_name(e.name)) say("a name is 1 to 64 of a-z, 0-9, '-' and '_'");
  if (e.url.substr(0, 7) != "http://" && e.url.substr(0, 8) != "https://")
    say("url must begin with http:// or https://");
  if (e.concurrency < 1 || e.concurrency > 10'000) say("concurrency must be 1 to 10000");
  if (e.rate > 0 && e.burst < 1) say("burst must be at least 1");
  if (e.timeout_max < Millis(1) || e.timeout_max > std::chrono::hours(24)) say("timeout must be 1ms to 24h");
  if (e.response_bytes_max < 1024 || e.response_bytes_max > (1u << 20))
    say("response_bytes_max must be 1024 to 1048576");
  const bool by_reference =
      e.bearer.empty() || e.bearer.substr(0, 4) == "env:" || e.bearer.substr(0, 6) == "file:/";
  if (!by_reference)
    say("bearer must be a reference, \"env:NAME\" or \"file:/path\", never the secret itself");
  for (const std::uint16_t status : e.refused_means_not_done)
    if (status < 500 || status > 599)
      say("refused_means_not_done holds " + std::to_string(status) + ", which is no 5xx status");
}

}  // namespace

void check(const Config& config, ConfigFindings& findings) {
  const auto say = [&](const std::string& what) { findings.sentences.push_back(what); };
  const ServerConfig& s = config.server;
  if (!is_loopback(s.host) && !s.allow_unauthenticated)
    say("refusing to listen on '" + s.host +
        "': there is no authentication yet; use a loopback address, or say --allow-unauthenticated");
  if (s.workers < 1 || s.workers > 256) say("server.workers must be 1 to 256");
  if (s.connections_max < 16 || s.connections_max > 100'000)
    say("server.connections_max must be 16 to 100000");
  if (s.body_bytes_max < 1024 || s.body_bytes_max > (64u << 20))
    say("server.body_bytes_max must be 1024 to 67108864");
  if (!is_name(config.engine.id)) say("engine.id must be 1 to 64 of a-z, 0-9, '-' and '_'");
  if (config.engine.author_threads < 1 || config.engine.author_threads > 64)
    say("engine.author_threads must be 1 to 64");
  if (config.engine.author_limit < Millis(10)) say("engine.author_limit must be at least 10ms");
  if (config.engine.keys_retention < Millis(1000)) say("engine.keys_retention must be at least 1s");
  if (config.http_threads < 1 || config.http_threads > 8) say("http.threads must be 1 to 8");
  if (config.data_dir.empty()) say("store.path must not be empty");
  // The value may hold a password: it is not repeated.
  if (!config.store_url.empty() && !config.store_url.starts_with("postgres://") &&
      !config.store_url.starts_with("postgresql://"))
    say("store.url must begin with postgres:// (the embedded store's folder is store.path)");
  const std::set<std::string> levels{"debug", "info", "warning", "error"};
  if (!levels.contains(config.log_level)) say("log.level must be debug, info, warning or error");
  for (const EndpointConfig& endpoint : config.endpoints) check_endpoint(endpoint, findings);
}

bool parse_listen(std::string_view text, ServerConfig& server) {
  const auto colon = text.rfind(':');
  const std::string_view host = colon == std::string_view::npos ? "" : text.substr(0, colon);
  const std::string_view port = colon == std::string_view::npos ? text : text.substr(colon + 1);
  std::uint16_t value = 0;
  const auto end = std::from_chars(port.data(), port.data() + port.size(), value);
  if (port.empty() || end.ec != std::errc() || end.ptr != port.data() + port.size()) return false;
  if (!host.empty()) server.host = std::string(host);
  server.port = value;
  return true;
}

std::optional<Millis> parse_duration(std::string_view text) {
  std::int64_t n = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), n);
  if (end.ec != std::errc() || n < 0 || n > 1'000'000'000) return std::nullopt;
  const std::string_view unit = text.substr(static_cast<std::size_t>(end.ptr - text.data()));
  if (unit == "ms") return Millis(n);
  if (unit == "s") return Millis(n * 1000);
  if (unit == "m") return Millis(n * 60'000);
  if (unit == "h") return Millis(n * 3'600'000);
  if (unit == "d") return Millis(n * 86'400'000);
  return std::nullopt;
}

}  // namespace amends::daemon
