// amendsd as its users run it: over REST, killed, full of waiting sagas.
#include <chrono>
#include <cstdio>
#include <stdexcept>

#include "bench/daemon.hpp"
#include "bench/database.hpp"
#include "bench/points.hpp"
#include "measure/engine_run.hpp"

namespace amends::bench {
namespace {

using namespace measure;
using Path = std::filesystem::path;

// "silent" takes connections and says nothing; nobody calls "bench".
std::string endpoints(std::uint16_t silent_port) {
  const auto one = [](const std::string& name, std::uint16_t port) {
    return "[endpoints." + name + "]\nurl = \"http://127.0.0.1:" + std::to_string(port) +
           "\"\nidempotency = \"key\"\nallow_private = [\"127.0.0.0/8\"]\nconcurrency = 1000\n";
  };
  return one("silent", silent_port) + one("bench", 1);
}

void start_many(const Daemon& daemon, const std::string& workflow, int count) {
  const std::string batch = batch_of(workflow, 500);
  for (int begun = 0; begun < count; begun += 500)
    if (const long status = daemon.post("/v1/sagas:batch", batch); status / 100 != 2)
      throw std::runtime_error("a batch was answered " + std::to_string(status));
}

struct World {
  World(const Setting& setting, const Path& dir)
      : database(dir),
        url(database.make("amends")),
        daemon{setting.programs, setting.plugin, url, "bench", endpoints(silence.port())} {}

  Silence silence;
  Database database;
  std::string url;
  DaemonSetting daemon;
};

void wait_for_rows(World& world, const std::string& condition, int count) {
  testing_support::PostgresSession session(world.database.server().url("amends"));
  session.wait_until("select count(*) >= " + std::to_string(count) + " from amends.saga where " + condition);
}

double rest_over_local(const Setting& setting, const Path& dir) {
  World world(setting, dir);
  const Ran local = run_engine({.workflow = "bench-local3", .live = 256, .seconds = setting.seconds},
                               setting.plugin, *world.database.open(world.database.make("local")));
  const Daemon daemon(world.daemon, dir / "daemon");
  const double starts =
      post_load(daemon.url() + "/v1/sagas", start_of("bench-wait"), 128, setting.seconds, dir / "wrk");
  std::fprintf(stderr, "  local steps %.0f sagas/s, REST %.0f starts/s\n", local.sagas_per_second(), starts);
  return starts / local.sagas_per_second();
}

// Sagas a second that are in the store afterwards, of a daemon and a database of their own: a batch is
// answered well also when none of its starts was taken.
double started_per_second(const Setting& setting, const std::string& path, const std::string& body,
                          int connections, const Path& dir) {
  World world(setting, dir);
  world.daemon.writers = 2;
  const Daemon daemon(world.daemon, dir / "daemon");
  const auto begin = std::chrono::steady_clock::now();
  post_load(daemon.url() + path, body, connections, setting.seconds, dir / "wrk");
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  testing_support::PostgresSession session(world.database.server().url("amends"));
  return std::stod(session.ask("select count(*) from amends.saga")) / seconds;
}

double batch_over_single(const Setting& setting, const Path& dir) {
  const double single = started_per_second(setting, "/v1/sagas", start_of("bench-wait"), 128, dir / "single");
  const double batch =
      started_per_second(setting, "/v1/sagas:batch", batch_of("bench-wait", 500), 16, dir / "batch");
  std::fprintf(stderr, "  single %.0f starts/s, batches %.0f starts/s\n", single, batch);
  return batch / single;
}

// Of 100,000 waiting sagas and one whose attempt was out.
double recovery(const Setting& setting, const Path& dir) {
  World world(setting, dir);
  {
    Daemon daemon(world.daemon, dir / "daemon");
    start_many(daemon, "bench-wait", 100'000);
    wait_for_rows(world, "wake_at is not null", 100'000);
    daemon.post("/v1/sagas", start_of("bench-silent"));
    if (!world.silence.wait(30)) throw std::runtime_error("the step did not go out");
    daemon.kill();
  }
  const auto begin = std::chrono::steady_clock::now();
  const Daemon daemon(world.daemon, dir / "daemon");
  if (!world.silence.wait(60)) throw std::runtime_error("the step did not go out again");
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

double waiting(const Setting& setting, const Path& dir) {
  World world(setting, dir);
  Daemon daemon(world.daemon, dir / "daemon");
  start_many(daemon, "bench-wait", 10'000);
  wait_for_rows(world, "wake_at is not null", 10'000);
  const std::uint64_t before = daemon.resident_bytes();
  start_many(daemon, "bench-wait", 1'000'000);
  wait_for_rows(world, "wake_at is not null", 1'010'000);
  const std::uint64_t after = daemon.resident_bytes();
  daemon.kill();
  const auto begin = std::chrono::steady_clock::now();
  const Daemon again(world.daemon, dir / "again");
  std::fprintf(stderr, "  killed, it serves again after %.2f s\n",
               std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
  return static_cast<double>(after - std::min(before, after)) / 1e6;
}

}  // namespace

std::vector<Point> daemon_points(const Setting& s) {
  return {
      {"rest.start.c128", "x", 0.6, 0.4,
       "durable REST starts/s on 128 connections, of sagas whose first step backs off for an hour, over "
       "pg.local3.c256",
       [s](const Path& dir) { return rest_over_local(s, dir); }},
      {"rest.batch500", "x", 3, 2,
       "the same starts 500 a call, over one a call, of a daemon with two writers",
       [s](const Path& dir) { return batch_over_single(s, dir); }},
      {"pg.recovery100k", "s", 1, 3,
       "from the start of the process until the first step goes out, after SIGKILL with 100,000 live sagas",
       [s](const Path& dir) { return recovery(s, dir); }},
      {"pg.waiting1m", "B", 200, 400, "memory of a saga that waits for an hour, of 1,000,000",
       [s](const Path& dir) { return waiting(s, dir); }, 1},
  };
}

}  // namespace amends::bench
