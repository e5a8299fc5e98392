#include "measure/bench_store.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "adapters/store/postgres/address.hpp"
#include "engine/base/text.hpp"
#include "measure/engine_run.hpp"
#include "measure/stop_signals.hpp"
#include "measure/three_steps.hpp"

namespace amends::measure {
namespace {

using engine::Json;

constexpr const char* workflow = "bench-local3";
// Memory: the raw writer reads so many sagas beforehand.
constexpr std::uint64_t raw_sagas_max = 100'000;

void offer(Registry& registry) {
  registry.add(workflow, 1, local_three);
}

double rounded(double value) {
  return std::round(value * 1e3) / 1e3;
}

Json a_saga(std::optional<double> before, std::optional<double> after, std::uint64_t sagas, double scale) {
  if (!before || !after || sagas == 0) return nullptr;
  return rounded((*after - *before) / static_cast<double>(sagas) * scale);
}

Json load_view(std::size_t live, const Ran& engine, const Ran& raw, const Counted& before,
               const Counted& after) {
  const auto sagas = static_cast<double>(engine.sagas);
  return {
      {"live", live},
      {"sagas", engine.sagas},
      {"sagas_per_second", rounded(engine.sagas_per_second())},
      {"transitions_per_second", rounded(static_cast<double>(engine.rows) / engine.seconds)},
      {"p50_ms", rounded(engine.p50_ms)},
      {"p99_ms", rounded(engine.p99_ms)},
      {"rows_per_flush", rounded(engine.flush_rows)},
      {"engine_cpu_us", rounded(engine.cpu_seconds / sagas * 1e6)},
      {"database_cpu_us", a_saga(before.database_cpu_seconds, after.database_cpu_seconds, engine.sagas, 1e6)},
      {"wal_bytes", a_saga(before.wal_bytes, after.wal_bytes, engine.sagas, 1)},
      {"database_alone_sagas_per_second", rounded(raw.sagas_per_second())},
      {"database_alone_p50_ms", rounded(raw.p50_ms)}};
}

class Bench {
 public:
  Bench(const BenchAsked& asked, StopSignals& signals, Ground& ground)
      : asked_(asked), stop_asked_([&signals] { return signals.asked(); }), ground_(ground) {
    host_.enrol("the program's own workflow", offer);
    for (const engine::Refusal& refusal : host_.refusals()) throw std::runtime_error(refusal.reason);
  }

  Json run() {
    asked_.tell("the price of a commit");
    const CommitCost commit = ground_.measure_commit(stop_asked_);
    Json loads = Json::array();
    for (const std::size_t live : asked_.live) loads.push_back(run_load(live));
    return {{"store", ground_.shown()},
            {"seconds", asked_.seconds},
            {"commit_ms", rounded(commit.commit_ms)},
            {"commit_disk_ms", rounded(commit.disk_ms)},
            {"loads", loads}};
  }

 private:
  Json run_load(std::size_t live) {
    const std::string what = std::to_string(live) + (live == 1 ? " saga" : " sagas") + " at a time";
    asked_.tell(what);
    std::string warned;
    Load load{.workflow = workflow, .live = live, .seconds = asked_.seconds};
    load.sagas_max = bench_sagas_max;
    load.stop_asked = stop_asked_;
    load.warn = [&warned](std::string_view sentence) { warned = sentence; };
    Counted before, after;
    Ran engine;
    try {
      const std::unique_ptr<engine::Store> store = ground_.open();
      before = ground_.count();
      engine = run_engine(load, host_, *store);
      after = ground_.count();
    } catch (const Stopped&) {
      throw;
    } catch (const std::exception& e) {
      throw std::runtime_error(e.what() + (warned.empty() ? "" : "; " + warned));
    }
    asked_.tell(what + ", without an engine");
    const Ran raw = ground_.write_raw(
        live, {.sagas_max = raw_sagas_max, .seconds_max = asked_.seconds, .stop_asked = stop_asked_});
    return load_view(live, engine, raw, before, after);
  }

  const BenchAsked& asked_;
  const std::function<bool()> stop_asked_;
  Ground& ground_;
  engine::Host host_;
};

std::string show(const char* format, double value) {
  char out[48];
  std::snprintf(out, sizeof out, format, value);
  return out;
}

// Two figures are honest; a third would differ the next time.
std::string about(double value) {
  if (value < 100) return show("%.2g", value);
  const double unit = std::pow(10, std::floor(std::log10(value)) - 1);
  return show("%.0f", std::round(value / unit) * unit);
}

Json conclude(const Json& report) {
  const Json* best = &report.at("loads").front();
  const Json* alone = nullptr;
  for (const Json& one : report.at("loads")) {
    if (one.at("sagas_per_second").get<double>() > best->at("sagas_per_second").get<double>()) best = &one;
    if (one.at("live") == 1) alone = &one;
  }
  Json out = Json::array();
  out.push_back("This database bears about " + about(best->at("sagas_per_second").get<double>()) +
                " sagas of three steps a second, with " + std::to_string(best->at("live").get<int>()) +
                " of them live at a time; the same rows without an engine: about " +
                about(best->at("database_alone_sagas_per_second").get<double>()) + ".");
  if (alone != nullptr) {
    const double took = alone->at("p50_ms").get<double>(), disk = report.at("commit_disk_ms").get<double>();
    const double commits = std::round(alone->at("transitions_per_second").get<double>() /
                                      alone->at("sagas_per_second").get<double>());
    // A disk whose speed changes between the two measurements: more than all of it makes no sense to anyone.
    const std::string part = commits * disk < took ? show("%.2f", commits * disk) + " ms" : "nearly all";
    out.push_back("One saga at a time takes " + show("%.2f", took) + " ms, of which the disk takes " + part +
                  ": " + show("%.0f", commits) + " commits, each of which waited " + show("%.3f", disk) +
                  " ms for it when nothing else ran.");
  }
#ifndef __OPTIMIZE__
  out.push_back("This program was built without optimisation: its figures are too low.");
#endif
  return out;
}

std::unique_ptr<Ground> make_ground(const BenchAsked& asked) {
  if (postgres::is_url(asked.store)) return make_postgres_ground(asked.store, asked.database, asked.seconds);
  if (!asked.database.empty())
    throw Refused(Refused::Why::usage,
                  "--database is for PostgreSQL; in a directory a folder of its own is made");
  return make_sqlite_ground(asked.store, asked.seconds);
}

}  // namespace

Json bench_store(const BenchAsked& asked) {
  StopSignals signals;
  const std::unique_ptr<Ground> ground = make_ground(asked);
  struct Removed {
    const BenchAsked& asked;
    Ground& ground;
    bool keep = false;
    ~Removed() {
      if (keep) return;
      if (const std::string left = ground.remove(); !left.empty()) asked.warn(left);
    }
  } removed{asked, *ground};
  Json report = Bench(asked, signals, *ground).run();
  report["conclusion"] = conclude(report);
  removed.keep = asked.keep;
  report["kept"] = asked.keep ? Json(ground->name()) : Json();
  return report;
}

}  // namespace amends::measure
