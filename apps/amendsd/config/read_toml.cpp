#include "apps/amendsd/config/read_endpoint.hpp"
#include "engine/base/text.hpp"

namespace amends::daemon {
namespace {

void read_server(Section s, ServerConfig& out) {
  std::string listen;
  s.read("listen", listen);
  const toml::node* said = s.find("listen");
  if (said != nullptr && said->is_string() && !parse_listen(listen, out))
    s.complain(*said, "listen", "must be \"HOST:PORT\"; an IPv6 address stands in brackets");
  s.read("hosts", out.hosts);
  s.read("advertise", out.advertise);
  s.read("workers", out.workers, 1, 256);
  s.read("body_bytes_max", out.body_bytes_max, 1024, 64u << 20);
  s.read("connections_max", out.connections_max, 16, 100'000);
  s.read("allow_unauthenticated", out.allow_unauthenticated);
}

void read_engine(Section s, EngineConfig& out) {
  s.read("id", out.id);
  s.read("writers", out.writers, 1, 8);
  s.read("author_threads", out.author_threads, 1, 64);
  s.read("local_threads", out.local_threads, 1, 256);
  s.read("author_limit", out.author_limit, Millis(10));
  s.read("keys_retention", out.keys_retention, Millis(1000), retention_max);
  s.read("drain_limit", out.drain_limit);
  s.read("lease", out.lease, Millis(1000));
}

void read_retention(Section s, RetentionConfig& out) {
  if (const toml::node* said = s.find("finished")) {
    const auto text = said->value_exact<std::string>();
    const auto time = text ? parse_duration(*text) : std::nullopt;
    if (time && *time >= Millis(1000) && *time <= retention_max)
      out.finished = time;
    else if (time)
      s.complain(*said, "finished", "must be 1s to 36500d, or \"forever\"");
    else if (text != "forever")
      s.complain(*said, "finished", "must be a duration such as \"30d\", or \"forever\"");
  }
  s.read("archive", out.archive);
  s.read("share", out.share);
  if (out.share < 0.001 || out.share > 1) s.complain(*s.find("share"), "share", "must be from 0.001 to 1");
}

void read_endpoints(const toml::table& table, const std::string& origin, ConfigFindings& findings,
                    Config& config) {
  for (const auto& [key, node] : table) {
    EndpointConfig endpoint;
    endpoint.name = std::string(key.str());
    findings.places["endpoints." + endpoint.name] = origin + ":" + std::to_string(node.source().begin.line);
    if (const toml::table* one = node.as_table()) {
      read_endpoint({*one, "endpoints." + endpoint.name, origin, findings}, origin, findings, endpoint);
      config.endpoints.push_back(std::move(endpoint));
    } else {
      findings.sentences.push_back(origin + ":" + std::to_string(node.source().begin.line) + ": 'endpoints." +
                                   engine::escape_controls(endpoint.name) + "' must be a table");
    }
  }
}

// The first line with which the text breaks the library rather than its grammar.
std::size_t find_breaking_line(std::string_view text) {
  std::size_t line = 1;
  for (std::size_t end = text.find('\n'); end != std::string_view::npos;
       end = text.find('\n', end + 1), ++line) {
    try {
      static_cast<void>(toml::parse(text.substr(0, end)));
    } catch (const toml::parse_error&) {
    } catch (const TomlBroken&) {
      break;
    }
  }
  return line;
}

}  // namespace

void read_toml(std::string_view text, const std::string& origin, Config& config, ConfigFindings& findings) {
  toml::table table;
  try {
    table = toml::parse(text, origin);
  } catch (const toml::parse_error& e) {
    findings.sentences.push_back(origin + ":" + std::to_string(e.source().begin.line) + ": " +
                                 engine::escape_controls(engine::shorten(e.description(), 300)));
    return;
  } catch (const TomlBroken&) {
    findings.sentences.push_back(origin + ":" + std::to_string(find_breaking_line(text)) +
                                 ": this is not TOML");
    return;
  }
  Section root(table, "", origin, findings);
  if (const auto* server = root.find_table("server"))
    read_server({*server, "server", origin, findings}, config.server);
  if (const auto* engine = root.find_table("engine"))
    read_engine({*engine, "engine", origin, findings}, config.engine);
  if (const auto* retention = root.find_table("retention"))
    read_retention({*retention, "retention", origin, findings}, config.retention);
  if (const auto* store = root.find_table("store")) {
    Section s(*store, "store", origin, findings);
    s.read("path", config.data_dir);
    s.read("reserve_bytes", config.reserve_bytes, 0, 1ull << 40);
    s.read("url", config.store_url);
    s.read("mark", config.store_mark);
  }
  if (const auto* plugins = root.find_table("plugins")) {
    Section s(*plugins, "plugins", origin, findings);
    s.read("paths", config.plugins);
  }
  if (const auto* http = root.find_table("http")) {
    Section s(*http, "http", origin, findings);
    s.read("threads", config.http_threads, 1, 8);
  }
  if (const auto* log = root.find_table("log")) {
    Section s(*log, "log", origin, findings);
    s.read("level", config.log_level);
  }
  if (const auto* endpoints = root.find_table("endpoints"))
    read_endpoints(*endpoints, origin, findings, config);
}

}  // namespace amends::daemon
