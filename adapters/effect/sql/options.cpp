#include "adapters/effect/sql/options.hpp"

#include "adapters/effect/sql/postgres_address.hpp"
#include "adapters/effect/sql/request_data.hpp"
#include "engine/base/text.hpp"

namespace amends::sql {
namespace {

bool is_reference(const std::string& text) {
  return (text.starts_with("env:") && text.size() > 4) || (text.starts_with("file:/") && text.size() > 6);
}

std::string url_fault(const std::string& url) {
  if (!is_sqlite_url(url)) return read_postgres_address(url).error;
  if (url.size() < 9 || url[7] != '/') return "must name a file by its whole path: sqlite:/path/of/the.db";
  return url.find('\0') == std::string::npos ? "" : "holds a NUL";
}

}  // namespace

bool is_sqlite_url(std::string_view url) {
  return url.starts_with("sqlite:");
}

Dialect dialect_of(const SqlEndpoint& endpoint) {
  return is_sqlite_url(endpoint.url) ? Dialect::sqlite : Dialect::postgres;
}

std::vector<std::string> findings(const SqlEndpoint& endpoint) {
  std::vector<std::string> out;
  const auto shown = engine::escape_controls(engine::shorten(endpoint.name, 80));
  const auto add = [&](const std::string& what) { out.push_back("endpoint '" + shown + "': " + what); };
  if (endpoint.name.empty()) add("it has no name");
  if (const auto fault = url_fault(endpoint.url); !fault.empty()) add("url " + fault);
  if (!endpoint.password.empty() && !is_reference(endpoint.password))
    add("password must be a reference, env:NAME or file:/path");
  if (!endpoint.password.empty() && is_sqlite_url(endpoint.url)) add("password means nothing to SQLite");
  if (endpoint.timeout_max <= engine::Millis{0}) add("timeout_max must be positive");
  if (endpoint.concurrency_max == 0 || endpoint.concurrency_max > 64) add("concurrency_max must be 1 to 64");
  if (endpoint.queue_max == 0) add("queue_max must be at least 1");
  if (endpoint.barrier != (endpoint.facts.idempotency == engine::Idempotency::barrier))
    add("idempotency must be \"barrier\", or barrier must be false");
  if (endpoint.facts.idempotency == engine::Idempotency::key)
    add("idempotency cannot be \"key\": a database knows no keys but the barrier's");
  for (const auto& [name, sql] : endpoint.statements)
    if (!is_row_statement(sql) || sql.size() > sql_bytes_max)
      add("statements." + engine::escape_controls(engine::shorten(name, 80)) +
          " does not begin with select, insert, update, delete, with, merge, values, replace or call");
  return out;
}

}  // namespace amends::sql
