// Several amendsd over one database.
#include <chrono>
#include <cstdio>
#include <future>
#include <memory>
#include <vector>

#include "bench/daemon.hpp"
#include "bench/database.hpp"
#include "bench/points.hpp"

namespace amends::bench {
namespace {

using Path = std::filesystem::path;

class Engines {
 public:
  Engines(const Setting& setting, int count, const Path& dir)
      : database_(dir), url_(database_.make("amends")), asked_(database_.server().url("amends")) {
    for (int i = 0; i < count; ++i) {
      const std::string id = "engine-" + std::to_string(i + 1);
      daemons_.push_back(std::make_unique<Daemon>(
          DaemonSetting{setting.programs, setting.plugin, url_, id,
                        "[endpoints.bench]\nurl = \"http://127.0.0.1:1\"\nidempotency = \"key\"\n"
                        "[endpoints.silent]\nurl = \"http://127.0.0.1:1\"\nidempotency = \"key\"\n"},
          dir / id));
    }
    asked_.wait_until(
        "select bool_and(n >= " + std::to_string(64 / count - 2) + ") and count(*) = " + std::to_string(count) +
        " from (select count(*) n from amends.shard where writer_id is not null group by writer_id) s");
  }

  Daemon& daemon(std::size_t i) { return *daemons_[i]; }
  std::size_t size() const { return daemons_.size(); }
  testing_support::PostgresSession& ask() { return asked_; }

 private:
  Database database_;
  std::string url_;
  testing_support::PostgresSession asked_;
  std::vector<std::unique_ptr<Daemon>> daemons_;
};

// Started over REST at all engines, until the last of them is over.
double completed_per_second(const Setting& setting, int count, const Path& dir) {
  Engines engines(setting, count, dir);
  const auto begin = std::chrono::steady_clock::now();
  std::vector<std::future<double>> loads;
  for (std::size_t i = 0; i < engines.size(); ++i)
    loads.push_back(std::async(std::launch::async, [&, i] {
      return post_load(engines.daemon(i).url() + "/v1/sagas", start_of("bench-local3"), 128 / count,
                       setting.seconds, dir / ("wrk-" + std::to_string(i)));
    }));
  for (auto& load : loads) load.get();
  engines.ask().wait_until("select not exists (select from amends.saga where active)");
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  const double out = std::stod(engines.ask().ask("select count(*) from amends.saga")) / seconds;
  std::fprintf(stderr, "  %d engine%s %.0f sagas/s\n", count, count == 1 ? "" : "s", out);
  return out;
}

double three_over_one(const Setting& setting, const Path& dir) {
  const double one = completed_per_second(setting, 1, dir / "one");
  return completed_per_second(setting, 3, dir / "three") / one;
}

// The longest time in which a saga that tries again and again did not, while its engine was killed.
double longest_pause(const Setting& setting, const Path& dir) {
  Engines engines(setting, 2, dir);
  const std::string batch = batch_of("bench-pulse", 250);
  for (std::size_t i = 0; i < engines.size(); ++i) engines.daemon(i).post("/v1/sagas:batch", batch);
  engines.ask().wait_until("select count(distinct saga_id) = 500 from amends.journal where seq > 4");
  engines.daemon(0).kill();
  engines.ask().wait_until("select count(*) = 1 from (select distinct writer_id from amends.shard) s");
  engines.ask().ask("create temporary table mark as select now() as at");
  engines.ask().wait_until(
      "select count(distinct saga_id) = 500 from amends.journal where at > (select at from mark)");
  return std::stod(
      engines.ask().ask("select extract(epoch from max(pause)) from (select at - lag(at) over (partition by "
                        "saga_id order by seq)"
                        " as pause from amends.journal) p"));
}

}  // namespace

std::vector<Point> engines_points(const Setting& s) {
  return {
      {"pg.engines3", "x", 1.0, 0.9, "sagas of three local steps over REST at three engines, over one engine",
       [s](const Path& dir) { return three_over_one(s, dir); }},
      {"pg.takeover", "s", 6, 7, "the longest pause of a saga whose engine is killed, with a lease of 5 s",
       [s](const Path& dir) { return longest_pause(s, dir); }},
  };
}

}  // namespace amends::bench
