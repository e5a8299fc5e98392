// What a saga costs where ten million finished ones are stored already.
#include <sys/statvfs.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

#include "bench/database.hpp"
#include "bench/points.hpp"
#include "measure/engine_run.hpp"

namespace amends::bench {
namespace {

using namespace measure;
using Path = std::filesystem::path;

constexpr std::uint64_t bytes_a_saga = 2'500;  // with its journal, indexes, and what sorting them takes

// AMENDS_BENCH_GROWN is for who works on this point.
std::uint64_t stored_sagas() {
  const char* fewer = std::getenv("AMENDS_BENCH_GROWN");
  const std::uint64_t count = fewer ? std::strtoull(fewer, nullptr, 10) : 0;
  return count > 0 ? count : 10'000'000;
}

void refuse_small_disk(const Path& dir, std::uint64_t needed) {
  struct statvfs disk {};
  if (::statvfs(dir.c_str(), &disk) != 0) return;
  const std::uint64_t free = static_cast<std::uint64_t>(disk.f_bavail) * disk.f_frsize;
  if (free >= needed) return;
  throw std::runtime_error("pg.grown10m needs " + std::to_string(needed / 1'000'000'000) +
                           " GB, and on the disk of " + dir.string() + " are " +
                           std::to_string(free / 1'000'000'000) + " free; another one by TMPDIR");
}

Load load_for(double seconds) {
  return {.workflow = "bench-local3", .live = 256, .seconds = seconds};
}

// The id of a stored saga: its shard is the number's, its time in the last month.
constexpr const char* numbering =
    "create function pg_temp.at(i bigint, each interval) returns timestamptz language sql stable as"
    " $$ select now() - interval '30 days' + i * each $$;"
    "create function pg_temp.id(i bigint, each interval) returns uuid language sql stable as"
    " $$ select (lpad(to_hex((extract(epoch from pg_temp.at(i, each)) * 1000)::bigint), 12, '0') || '7' ||"
    " lpad(to_hex(i % 64), 3, '0') || '8' || substr(md5(i::text), 1, 15))::uuid $$";

// Copies of what the engine itself wrote, row by row in its order: how rows of different length follow each
// other decides which gaps they leave in the pages, and after a vacuum rows are put into gaps, a cold page
// each. In one transaction with the truncation, so that nothing goes through the log (wal_level = minimal);
// keys are made at the end, sorted.
void fill(testing_support::PostgresSession& session, std::uint64_t count) {
  session.ask("set maintenance_work_mem = '1GB'; set synchronous_commit = off");
  session.ask(numbering);
  session.ask(
      "begin;"
      "create temporary table sagas on commit drop as select *, row_number() over (order by ctid) as n"
      " from amends.saga where not active;"
      "create temporary table entries on commit drop as select s.n, j.* from amends.journal j"
      " join sagas s using (shard_id, saga_id) order by j.ctid;"
      "truncate amends.saga, amends.journal;"
      "alter table amends.saga drop constraint saga_pkey;"
      "alter table amends.journal drop constraint journal_pkey");
  const std::uint64_t copied = std::stoull(session.ask("select count(*) from sagas"));
  const std::string each = "interval '29 days' / " + std::to_string(count);
  for (std::uint64_t n = 0; n < count; n += copied) {
    const std::string i = std::to_string(n) + " + o.n", of = "(" + i + ", " + each + ")";
    const std::string where = " where " + i + " <= " + std::to_string(count);
    session.ask(
        "insert into amends.saga (created_at, updated_at, seq, shard_id, active, saga_id, plan_id, workflow, "
        "key, state, step, error_class) select pg_temp.at" +
        of + ", pg_temp.at" + of + ", o.seq, (" + i + ") % 64, false, pg_temp.id" + of +
        ", o.plan_id, o.workflow, o.key, o.state, o.step, o.error_class from sagas o" + where);
    session.ask(
        "insert into amends.journal (commit_seq, at, epoch, seq, shard_id, writer_id, saga_id, body)"
        " select o.commit_seq, pg_temp.at" +
        of + ", o.epoch, o.seq, (" + i + ") % 64, o.writer_id, pg_temp.id" + of + ", o.body from entries o" +
        where);
  }
  session.ask(
      "alter table amends.saga add primary key (shard_id, saga_id);"
      "alter table amends.journal add primary key (shard_id, saga_id, seq); commit");
  session.ask("vacuum (freeze, analyze) amends.saga");
  session.ask("vacuum (freeze, analyze) amends.journal");
  session.ask("checkpoint");
}

// Microseconds of processor time a saga, of engine and database.
double cost_on(const char* name, Database& database, const std::string& url, const Load& load,
               const Path& plugin) {
  const double before = database.cpu_seconds();
  const std::uint64_t wal = database.wal_bytes();
  const Ran ran = run_engine(load, plugin, *database.open(url));
  const double sagas = static_cast<double>(ran.sagas);
  const double engine = ran.cpu_seconds / sagas * 1e6;
  const double store = (database.cpu_seconds() - before) / sagas * 1e6;
  std::fprintf(stderr, "  %-8s %8.0f sagas/s  %5.1f us CPU a saga + %.1f us of the database  %.0f B WAL\n",
               name, ran.sagas_per_second(), engine, store,
               static_cast<double>(database.wal_bytes() - wal) / sagas);
  return engine + store;
}

double median(std::vector<double> of) {
  std::sort(of.begin(), of.end());
  return of[of.size() / 2];
}

double grown_over_empty(const Setting& setting, const Path& dir) {
  const std::uint64_t count = stored_sagas();
  refuse_small_disk(dir, count * bytes_a_saga);
  Database database(dir, {}, {"wal_level=minimal", "max_wal_senders=0"});
  const std::string grown = database.make("grown");
  cost_on("sample", database, grown, load_for(8), setting.plugin);
  std::fprintf(stderr, "  storing %llu finished sagas\n", static_cast<unsigned long long>(count));
  {
    testing_support::PostgresSession session(grown);
    fill(session, count);
    std::fprintf(stderr, "  they take %s\n",
                 session.ask("select pg_size_pretty(pg_database_size(current_database()))").c_str());
  }
  const Load load = load_for(setting.seconds);
  cost_on("warm up", database, grown, load_for(1), setting.plugin);
  std::vector<double> with, without;
  for (int i = 0; i < 3; ++i) {
    without.push_back(
        cost_on("empty", database, database.make("empty" + std::to_string(i)), load, setting.plugin));
    with.push_back(cost_on("grown", database, grown, load, setting.plugin));
  }
  return median(with) / median(without);
}

}  // namespace

std::vector<Point> grown_points(const Setting& s) {
  return {
      {"pg.grown10m", "x", 1.1, 1.3,
       "CPU a saga, engine and database, with 10,000,000 finished sagas stored, over an empty store; 25 GB, "
       "a quarter of an hour",
       [s](const Path& dir) { return grown_over_empty(s, dir); }, 1},
  };
}

}  // namespace amends::bench
