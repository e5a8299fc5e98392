// Engines in this process on a store of their own: no REST, no daemon.
#include <cstdio>

#include "bench/database.hpp"
#include "bench/nginx.hpp"
#include "bench/points.hpp"
#include "measure/engine_run.hpp"
#include "measure/raw_postgres.hpp"
#include "measure/raw_sqlite.hpp"

namespace amends::bench {
namespace {

using namespace measure;
using Path = std::filesystem::path;

void tell(const char* side, const Ran& ran, const std::string& more = {}) {
  std::fprintf(stderr, "  %-14s %8.0f sagas/s  p50 %6.2f ms  %5.0f rows a flush", side,
               ran.sagas_per_second(), ran.p50_ms, ran.flush_rows);
  if (ran.cpu_seconds > 0)
    std::fprintf(stderr, "  store busy %2.0f %%  %5.1f us CPU a saga", 100 * ran.store_busy,
                 ran.cpu_seconds / static_cast<double>(ran.sagas) * 1e6);
  std::fprintf(stderr, "%s\n", more.c_str());
}

// One side on PostgreSQL, and what it cost the database.
struct Side {
  Ran ran;
  double wal_per_saga = 0;  // bytes
};

Side on_postgres(const char* name, Database& database, const std::string& url, const Load& load,
                 const Path& plugin, std::size_t writers = 1) {
  const double cpu = database.cpu_seconds();
  const std::uint64_t wal = database.wal_bytes();
  Side out;
  std::vector<std::unique_ptr<postgres::PostgresStore>> stores;
  std::vector<engine::Store*> each;
  for (std::size_t i = 0; i < writers; ++i) {
    postgres::Options options;
    options.is_shared = writers > 1;
    stores.push_back(database.open(url, options));
    each.push_back(stores.back().get());
  }
  out.ran = run_engine(load, plugin, each);
  const auto sagas = static_cast<double>(out.ran.sagas);
  out.wal_per_saga = static_cast<double>(database.wal_bytes() - wal) / sagas;
  char more[96];
  std::snprintf(more, sizeof more, "  + %.1f us of the database  %.0f B WAL",
                (database.cpu_seconds() - cpu) / sagas * 1e6, out.wal_per_saga);
  tell(name, out.ran, more);
  return out;
}

Ran raw_on_postgres(Database& database, const std::string& from, std::size_t live) {
  const std::string url = database.make("raw");
  const double cpu = database.cpu_seconds();
  const Ran out = run_raw_postgres(from, url, live);
  char more[64];
  std::snprintf(more, sizeof more, "  + %.1f us of the database",
                (database.cpu_seconds() - cpu) / static_cast<double>(out.sagas) * 1e6);
  tell("raw writer", out, more);
  return out;
}

struct Pair {
  Side engine;
  Ran raw;
};

Pair engine_and_raw(const Setting& setting, std::size_t live, const Path& dir) {
  Database database(dir);
  const std::string url = database.make("engine");
  Pair out;
  out.engine =
      on_postgres("engine", database, url,
                  {.workflow = "bench-local3", .live = live, .seconds = setting.seconds}, setting.plugin);
  out.raw = raw_on_postgres(database, url, live);
  return out;
}

double over_raw(const Setting& setting, std::size_t live, const Path& dir) {
  const Pair both = engine_and_raw(setting, live, dir);
  return both.engine.ran.sagas_per_second() / both.raw.sagas_per_second();
}

double latency_over_raw(const Setting& setting, const Path& dir) {
  const Pair both = engine_and_raw(setting, 1, dir);
  return both.engine.ran.p50_ms / both.raw.p50_ms;
}

// Another load over bench-local3 with as many sagas live, one after the other on the same server.
double over_local(const Setting& setting, const Load& other, const Path& dir) {
  Database database(dir);
  const Load local{.workflow = "bench-local3", .live = other.live, .seconds = setting.seconds};
  const Side base = on_postgres("local steps", database, database.make("base"), local, setting.plugin);
  const Side side =
      on_postgres(other.workflow.c_str(), database, database.make("other"), other, setting.plugin);
  return side.ran.sagas_per_second() / base.ran.sagas_per_second();
}

double http_over_local(const Setting& setting, const Path& dir) {
  const Nginx nginx(dir / "nginx");
  return over_local(setting,
                    {.workflow = "bench-http3", .seconds = setting.seconds, .http_port = nginx.port()}, dir);
}

double refused_over_local(const Setting& setting, const Path& dir) {
  return over_local(
      setting, {.workflow = "bench-fail3", .seconds = setting.seconds, .end = engine::SagaState::compensated},
      dir);
}

double slow_over_fast(const Setting& setting, const Path& dir) {
  const Load load{.workflow = "bench-local3", .live = 2048, .seconds = setting.seconds};
  Ran fast, slow;
  {
    Database database(dir);
    fast = on_postgres("disk as it is", database, database.make("fast"), load, setting.plugin).ran;
  }
  Database database(dir, setting.slow_sync);
  slow = on_postgres("two writers", database, database.make("slow"), load, setting.plugin, 2).ran;
  return slow.sagas_per_second() / fast.sagas_per_second();
}

// A snapshot keeps every dead row version of five minutes of flushes. One saga at a time makes the most
// flushes for the fewest rows; then the throughput is measured.
double under_snapshot(const Setting& setting, const Path& dir) {
  Database database(dir);
  const Load load{.workflow = "bench-local3", .live = 256, .seconds = std::max(setting.seconds, 2.0)};
  const Side base = on_postgres("no snapshot", database, database.make("base"), load, setting.plugin);
  const std::string url = database.make("held");
  testing_support::PostgresSession other(url);
  // Its first statement takes the snapshot.
  other.ask("begin isolation level repeatable read; select count(*) from amends.saga");
  on_postgres("flushes", database, url,
              {.workflow = "bench-local3", .live = 1, .seconds = 100 * setting.seconds}, setting.plugin);
  const Side held = on_postgres("snapshot open", database, url, load, setting.plugin);
  return held.ran.sagas_per_second() / base.ran.sagas_per_second();
}

double wal_per_saga(const Setting& setting, const Path& dir) {
  Database database(dir);
  const Load load{.workflow = "bench-local3", .live = 256, .seconds = setting.seconds};
  return on_postgres("engine", database, database.make("engine"), load, setting.plugin).wal_per_saga / 1e3;
}

// ---- SQLite ----------------------------------------------------------------------------------------------

double sqlite_over_raw(const Setting& setting, std::size_t live, const Path& dir) {
  const Ran engine = run_engine({.workflow = "bench-local3", .live = live, .seconds = setting.seconds},
                                setting.plugin, dir / "engine");
  tell("engine", engine);
  const Ran raw = run_raw_sqlite(dir / "engine", dir / "raw", live);
  tell("raw writer", raw);
  return engine.sagas_per_second() / raw.sagas_per_second();
}

double sqlite_http_over_local(const Setting& setting, const Path& dir) {
  const Nginx nginx(dir / "nginx");
  const Ran local = run_engine({.workflow = "bench-local3", .live = 256, .seconds = setting.seconds},
                               setting.plugin, dir / "local");
  tell("local steps", local);
  const Ran http = run_engine(
      {.workflow = "bench-http3", .live = 256, .seconds = setting.seconds, .http_port = nginx.port()},
      setting.plugin, dir / "http");
  tell("HTTP steps", http);
  return http.sagas_per_second() / local.sagas_per_second();
}

}  // namespace

std::vector<Point> storage_points(const Setting& s) {
  return {
      {"pg.local3.c1", "x", 1.2, 1.6,
       "p50 of a saga of three local steps, over four commits of the same rows",
       [s](const Path& dir) { return latency_over_raw(s, dir); }},
      {"pg.local3.c32", "x", 0.75, 0.6, "sagas/s with 32 live, over a raw writer of the same rows",
       [s](const Path& dir) { return over_raw(s, 32, dir); }},
      {"pg.local3.c256", "x", 0.85, 0.65, "the same with 256 live",
       [s](const Path& dir) { return over_raw(s, 256, dir); }},
      {"pg.local3.c2048", "x", 0.85, 0.65, "the same with 2048 live",
       [s](const Path& dir) { return over_raw(s, 2048, dir); }},
      {"pg.fail3.c256", "x", 0.6, 0.45, "the third step refused and two undone, over pg.local3.c256",
       [s](const Path& dir) { return refused_over_local(s, dir); }},
      {"pg.http3.c256", "x", 0.45, 0.3, "three HTTP steps to nginx, over pg.local3.c256",
       [s](const Path& dir) { return http_over_local(s, dir); }},
      {"sqlite.local3.c256", "x", 0.85, 0.65,
       "sagas/s on SQLite with 256 live, over a raw writer of the same rows",
       [s](const Path& dir) { return sqlite_over_raw(s, 256, dir); }},
      {"sqlite.http3.c256", "x", 0.45, 0.3, "three HTTP steps to nginx, over three local ones, on SQLite",
       [s](const Path& dir) { return sqlite_http_over_local(s, dir); }},
      {"pg.slowdisk.c2048", "x", 0.8, 0.6, "each sync 1.5 ms slower, over pg.local3.c2048",
       [s](const Path& dir) { return slow_over_fast(s, dir); }},
      {"pg.snapshot", "x", 0.95, 0.85,
       "another session's snapshot held open for five minutes of flushes, over none",
       [s](const Path& dir) { return under_snapshot(s, dir); }, 1},
      {"pg.wal_per_saga", "kB", 2.4, 3.2, "WAL of a saga of three local steps, 256 live",
       [s](const Path& dir) { return wal_per_saga(s, dir); }},
  };
}

}  // namespace amends::bench
