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

// Copies of a saga that the engine itself ran, over thirty days and all shards. In one transaction with the
// truncation, so that nothing goes through the log (wal_level = minimal); keys are made at the end, sorted.
void fill(testing_support::PostgresSession& session, std::uint64_t count) {
  const std::string n = std::to_string(count);
  session.ask(
      "set maintenance_work_mem = '1GB'; set synchronous_commit = off; begin;"
      "create temporary table one on commit drop as select * from amends.saga where state = 'completed' "
      "limit 1;"
      "create temporary table entries on commit drop as"
      " select j.* from amends.journal j join one using (shard_id, saga_id) order by j.seq;"
      "truncate amends.saga, amends.journal;"
      "alter table amends.saga drop constraint saga_pkey; alter table amends.journal drop constraint "
      "journal_pkey");
  session.ask(
      "insert into amends.saga (created_at, updated_at, seq, shard_id, active, saga_id, plan_id, workflow, "
      "key, state,"
      " step, error_class)"
      " select t.at, t.at, o.seq, t.i % 64, false,"
      " (lpad(to_hex((extract(epoch from t.at) * 1000)::bigint), 12, '0') || '7' || lpad(to_hex(t.i % 64), "
      "3, '0') ||"
      " '8' || substr(md5(t.i::text), 1, 15))::uuid, o.plan_id, o.workflow, o.key, o.state, o.step, "
      "o.error_class"
      " from one o, (select i, now() - interval '30 days' + i * (interval '29 days' / " +
      n + ") as at from generate_series(1, " + n + ") i) t");
  session.ask(
      "insert into amends.journal (commit_seq, at, epoch, seq, shard_id, writer_id, saga_id, body)"
      " select e.commit_seq, s.created_at, e.epoch, e.seq, s.shard_id, e.writer_id, s.saga_id, e.body"
      " from amends.saga s cross join entries e");
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
  const Ran ran = run_engine(load, plugin, *database.open(url));
  const double sagas = static_cast<double>(ran.sagas);
  const double engine = ran.cpu_seconds / sagas * 1e6;
  const double store = (database.cpu_seconds() - before) / sagas * 1e6;
  std::fprintf(stderr, "  %-8s %8.0f sagas/s  %5.1f us CPU a saga + %.1f us of the database\n", name,
               ran.sagas_per_second(), engine, store);
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
  cost_on("sample", database, grown, load_for(0.5), setting.plugin);
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
