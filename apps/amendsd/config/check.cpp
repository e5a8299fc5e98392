#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <set>

#include "apps/amendsd/config/config.hpp"
#include "engine/base/text.hpp"

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

bool begins_with(const std::string& text, std::initializer_list<const char*> beginnings) {
  return std::any_of(beginnings.begin(), beginnings.end(),
                     [&](const char* one) { return text.starts_with(one); });
}

bool lies_in(const std::string& file, const std::string& directory) {
  if (file.empty()) return false;
  const auto way = std::filesystem::absolute(file).lexically_relative(std::filesystem::absolute(directory));
  return !way.empty() && *way.begin() != "..";
}

// It is shown to people, by other engines too.
bool is_address(const std::string& text) {
  const bool has_host = text.size() > text.find("//") + 2;
  return begins_with(text, {"http://", "https://"}) && has_host && text.size() <= 200 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

void check_reference(const std::string& key, const std::string& value, ConfigFindings& findings) {
  if (value.empty() || begins_with(value, {"env:", "file:/"})) return;
  findings.say(key, "must be a reference, \"env:NAME\" or \"file:/path\", never the secret itself");
}

void check_endpoint(const EndpointConfig& e, ConfigFindings& findings) {
  const std::string key = "endpoints." + e.name;
  if (!is_name(e.name)) findings.say(key, "cannot be its name: a name is 1 to 64 of a-z, 0-9, '-' and '_'");
  if (e.url.empty())
    findings.say(key, "must say its url");
  else if (e.kind == EndpointKind::http && !begins_with(e.url, {"http://", "https://"}))
    findings.say(key + ".url", "must begin with http:// or https://");
  else if (e.kind == EndpointKind::sql && !begins_with(e.url, {"postgres://", "postgresql://", "sqlite:/"}))
    findings.say(key + ".url", "must begin with postgres:// or sqlite:/");
  check_reference(key + ".bearer", e.bearer, findings);
  check_reference(key + ".password", e.password, findings);
}

}  // namespace

void check(const Config& config, ConfigFindings& findings) {
  const ServerConfig& s = config.server;
  if (!is_loopback(s.host) && !s.allow_unauthenticated)
    findings.say("server.listen", "must not be '" + engine::escape_controls(s.host) +
                                      "': there is no authentication yet; use a loopback address, or say "
                                      "--allow-unauthenticated");
  if (!s.advertise.empty() && !is_address(s.advertise))
    findings.say("server.advertise",
                 "must be http:// or https:// with a host, at most 200 bytes, such as http://a.example:7425");
  if (!is_name(config.engine.id)) findings.say("engine.id", "must be 1 to 64 of a-z, 0-9, '-' and '_'");
  if (config.data_dir.empty()) findings.say("store.path", "must not be empty");
  // The value may hold a password: it is not repeated.
  if (!config.store_url.empty() && !config.store_url.starts_with("postgres://") &&
      !config.store_url.starts_with("postgresql://"))
    findings.say("store.url", "must begin with postgres:// (the embedded store's folder is store.path)");
  if (config.engine.writers > 1 && config.store_url.empty())
    findings.say("engine.writers",
                 "must be 1: the embedded store has one writer; more need PostgreSQL (store.url)");
  if (!config.retention.archive.empty() && !config.retention.finished)
    findings.warnings.push_back(
        findings.about("retention.archive", "has no effect: without retention.finished no saga leaves"));
  if (config.store_url.empty() && lies_in(config.store_mark, config.data_dir))
    findings.say("store.mark", "lies in 'store.path', and would be restored with it");
  const std::set<std::string> levels{"debug", "info", "warning", "error"};
  if (!levels.contains(config.log_level)) findings.say("log.level", "must be debug, info, warning or error");
  for (const EndpointConfig& endpoint : config.endpoints) check_endpoint(endpoint, findings);
}

bool parse_listen(std::string_view text, ServerConfig& server) {
  const auto colon = text.rfind(':');
  const std::string_view host = colon == std::string_view::npos ? "" : text.substr(0, colon);
  const std::string_view port = colon == std::string_view::npos ? text : text.substr(colon + 1);
  // "::1" is an address, not port 1 of host "::".
  if (host.find(':') != std::string_view::npos && !(host.starts_with('[') && host.ends_with(']')))
    return false;
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
