#include "bench/points.hpp"

#include <cstdio>

#include "adapters/store/postgres/postgres_store.hpp"
#include "adapters/store/postgres/schema.hpp"
#include "bench/engine_run.hpp"
#include "bench/nginx.hpp"
#include "bench/raw_postgres.hpp"
#include "bench/raw_writer.hpp"
#include "tests/support/postgres.hpp"

namespace amends::bench {
namespace {

void tell(const char* side, const Ran& ran) {
  std::fprintf(stderr, "  %-14s %8.0f sagas/s  %5.0f rows a flush", side, ran.sagas_per_second(),
               ran.flush_rows);
  if (ran.cpu_seconds > 0)
    std::fprintf(stderr, "  %5.1f us CPU a saga", ran.cpu_seconds / static_cast<double>(ran.sagas) * 1e6);
  std::fprintf(stderr, "\n");
}

double local_over_raw(const Setting& setting, std::size_t live, const std::filesystem::path& dir) {
  const Ran engine = run_engine({.workflow = "bench-local3", .live = live, .seconds = setting.seconds},
                                setting.plugin, dir / "engine");
  tell("engine", engine);
  const Ran raw = run_raw_writer(dir / "engine", dir / "raw", live);
  tell("raw writer", raw);
  return engine.sagas_per_second() / raw.sagas_per_second();
}

std::string make_database(testing_support::PostgresServer& server, const std::string& name) {
  server.create_database(name);
  const auto migrated = postgres::migrate(server.url(name));
  if (!migrated.error.empty()) throw std::runtime_error(migrated.error);
  return server.url(name);
}

// On the disk of the temporary folder, with the server's own defaults but for shared_buffers.
double postgres_local_over_raw(const Setting& setting, std::size_t live, const std::filesystem::path& dir) {
  testing_support::PostgresServer server(
      {.place = dir, .shared_buffers = "1GB", .max_wal_size = "1GB", .wal_segment_mb = 16});
  const std::string url = make_database(server, "engine");
  auto opened = postgres::PostgresStore::open(url);
  if (!opened.store) throw std::runtime_error(opened.error);
  const Ran engine = run_engine({.workflow = "bench-local3", .live = live, .seconds = setting.seconds},
                                setting.plugin, *opened.store);
  tell("engine", engine);
  const Ran raw = run_raw_postgres(url, make_database(server, "raw"), live);
  tell("raw writer", raw);
  return engine.sagas_per_second() / raw.sagas_per_second();
}

double http_over_local(const Setting& setting, std::size_t live, const std::filesystem::path& dir) {
  const Nginx nginx(dir / "nginx");
  const Ran local = run_engine({.workflow = "bench-local3", .live = live, .seconds = setting.seconds},
                               setting.plugin, dir / "local");
  tell("local steps", local);
  const Ran http = run_engine(
      {.workflow = "bench-http3", .live = live, .seconds = setting.seconds, .http_port = nginx.port()},
      setting.plugin, dir / "http");
  tell("HTTP steps", http);
  return http.sagas_per_second() / local.sagas_per_second();
}

}  // namespace

std::vector<Point> points(const Setting& setting) {
  return {
      {"sqlite.local3.c256", "x", 0.7, 0.5,
       "three in-process steps, 256 sagas live, over a raw writer of the same rows",
       [=](const auto& dir) { return local_over_raw(setting, 256, dir); }},
      {"pg.local3.c256", "x", 0.85, 0.65, "the same on PostgreSQL",
       [=](const auto& dir) { return postgres_local_over_raw(setting, 256, dir); }},
      {"pg.local3.c32", "x", 0.75, 0.6, "the same with 32 sagas live",
       [=](const auto& dir) { return postgres_local_over_raw(setting, 32, dir); }},
      {"sqlite.http3.c256", "x", 0.45, 0.3,
       "three HTTP steps to nginx, 256 sagas live, over three in-process steps",
       [=](const auto& dir) { return http_over_local(setting, 256, dir); }},
  };
}

}  // namespace amends::bench
