#include "apps/amendsd/config/read_endpoint.hpp"

namespace amends::daemon {
namespace {

void read_headers(Section& s, const std::string& origin, ConfigFindings& findings, EndpointConfig& out) {
  const toml::table* table = s.find_table("headers");
  if (table == nullptr) return;
  Section headers(*table, "endpoints." + out.name + ".headers", origin, findings);
  for (const auto& [key, node] : *table) {
    const std::string name(key.str());
    std::string value;
    headers.read(name.c_str(), value);
    out.headers.emplace_back(name, value);
  }
}

void read_http(Section& s, const std::string& origin, ConfigFindings& findings, EndpointConfig& out) {
  std::string idempotency = "none";
  const toml::node* said = s.find("idempotency");
  s.read("idempotency", idempotency);
  using engine::Idempotency;
  bool known = false;
  for (const Idempotency i :
       {Idempotency::key, Idempotency::barrier, Idempotency::natural, Idempotency::none}) {
    if (engine::name_of(i) != idempotency) continue;
    out.facts.idempotency = i;
    known = true;
  }
  if (said == nullptr)
    s.complain(s.table(), "idempotency", "must be said: \"key\", \"barrier\", \"natural\" or \"none\"");
  else if (!known)
    s.complain(*said, "idempotency", "must be \"key\", \"barrier\", \"natural\" or \"none\"");
  s.read("concurrency", out.concurrency, 1, 10'000);
  s.read("rate", out.rate);
  s.read("burst", out.burst, 1, 1'000'000);
  s.read("response_bytes_max", out.response_bytes_max, 1024, 1 << 20);
  s.read("allow_private", out.allow_private);
  s.read("refused_means_not_done", out.refused_means_not_done, 500, 599);
  s.read("undo_absent_is_done", out.undo_absent_is_done);
  s.read("bearer", out.bearer);
  s.read("ca_file", out.ca_file);
  read_headers(s, origin, findings, out);
}

// Whether doing it twice is doing it once is asked only where there is no barrier to hold.
void read_idempotency(Section& s, EndpointConfig& out) {
  using engine::Idempotency;
  s.read("barrier", out.barrier);
  out.facts.idempotency = out.barrier ? Idempotency::barrier : Idempotency::none;
  const toml::node* said = s.find("idempotency");
  if (said == nullptr) return;
  std::string idempotency;
  s.read("idempotency", idempotency);
  if (idempotency == "natural" && !out.barrier)
    out.facts.idempotency = Idempotency::natural;
  else if (idempotency != engine::name_of(out.facts.idempotency))
    s.complain(*said, "idempotency",
               out.barrier ? "is \"barrier\" here; say barrier = false for another"
                           : "must be \"natural\" or \"none\" where barrier = false");
}

void read_sql(Section& s, const std::string& origin, ConfigFindings& findings, EndpointConfig& out) {
  read_idempotency(s, out);
  out.concurrency = 4;
  s.read("concurrency", out.concurrency, 1, 64);
  s.read("password", out.password);
  const toml::table* table = s.find_table("statements");
  if (table == nullptr) return;
  Section statements(*table, "endpoints." + out.name + ".statements", origin, findings);
  for (const auto& [key, node] : *table)
    statements.read(std::string(key.str()).c_str(), out.statements[std::string(key.str())]);
}

}  // namespace

void read_endpoint(Section s, const std::string& origin, ConfigFindings& findings, EndpointConfig& out) {
  std::string kind = "http";
  s.read("kind", kind);
  s.read("url", out.url);
  s.read("remembers", out.facts.remembers);
  s.read("timeout", out.timeout_max, Millis(1), Millis(24 * 3'600'000));
  if (kind == "sql") {
    out.kind = EndpointKind::sql;
    read_sql(s, origin, findings, out);
    return;
  }
  if (kind != "http") s.complain(*s.find("kind"), "kind", "must be \"http\" or \"sql\"");
  read_http(s, origin, findings, out);
}

}  // namespace amends::daemon
