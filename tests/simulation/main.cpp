// simulate: runs the simulated world. docs/proof.md says how to read what it prints.
//
// Ends 0 when every promise was kept, 1 when one was broken, 2 for a wrong call, 3 when the runs saw too
// little, 4 when they were too slow.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/simulation/base/plants.hpp"
#include "tests/simulation/runner/report.hpp"
#include "tests/simulation/runner/shrink.hpp"
#include "tests/simulation/runner/workers.hpp"

namespace {

using namespace amends::simulation;

struct Arguments {
  std::uint64_t seed = 0;
  std::string seeds, evidence, regressions;
  std::vector<std::string> plants;
  bool trace = false, whole = false, no_shrink = false, unjudged = false, list_plants = false;
  double ratio_min = 0;
  Assignment assignment;
};

int tell_failure(const Arguments& arguments, const Failure& failure) {
  std::printf("seed %llu: BROKEN: %s\n", static_cast<unsigned long long>(failure.seed),
              failure.sentence.c_str());
  Options options = draw_options(failure.seed);
  change(options, arguments.assignment.changes);
  std::string changes = arguments.assignment.changes;
  if (!arguments.no_shrink) {
    const Shrunk smaller = shrink(options, failure.sentence, 60);
    changes = smaller.changes;
    options = smaller.options;
    std::printf("made smaller in %d tries, it fails so: %s\n", smaller.tried, smaller.sentence.c_str());
  }
  if (!arguments.evidence.empty()) {
    const std::string directory = evidence_of(arguments.evidence, failure.seed);
    try_run(options, {false, directory, true});
    std::printf("its evidence is in %s\n", directory.c_str());
  }
  std::string plants;
  for (const std::string& plant : arguments.plants) plants += " PLANT=" + plant;
  std::printf("repeat it: tests/run.sh simulate SEED=%llu%s%s --trace\n",
              static_cast<unsigned long long>(failure.seed),
              changes.empty() ? "" : (" SET='" + changes + "'").c_str(), plants.c_str());
  return 1;
}

int run_one(const Arguments& arguments) {
  Options options = draw_options(arguments.seed);
  change(options, arguments.assignment.changes);
  if (!arguments.evidence.empty()) std::filesystem::create_directories(arguments.evidence);
  const RunOptions run{arguments.trace, arguments.evidence, !arguments.unjudged};
  const Result result = simulate(options, run);
  print_run(options, result);
  if (arguments.assignment.twice && simulate(options).hash != result.hash) {
    std::printf("BROKEN: the same seed was another run the second time\n");
    return 1;
  }
  return result.broken.empty() ? 0 : 1;
}

// A line is a seed and what is changed of its options.
int run_regressions(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  int runs = 0, failures = 0;
  while (std::getline(file, line)) {
    const std::string what = line.substr(0, line.find('#'));
    char* end = nullptr;
    const std::uint64_t seed = std::strtoull(what.c_str(), &end, 10);
    if (end == what.c_str()) continue;
    Options options = draw_options(seed);
    std::string broken = change(options, end);
    if (broken.empty()) broken = try_run(options);
    ++runs;
    if (broken.empty()) continue;
    ++failures;
    std::printf("%s\nBROKEN again: %s\n", line.c_str(), broken.c_str());
  }
  std::printf("%d runs that failed once, %d fail now\n", runs, failures);
  return runs == 0 || failures > 0 ? 1 : 0;
}

int run_many(const Arguments& arguments) {
  Assignment assignment = arguments.assignment;
  assignment.evidence = arguments.evidence;
  const Outcome outcome = run_seeds(assignment);
  print_tally(outcome.tally);
  if (outcome.failure) return tell_failure(arguments, *outcome.failure);
  const std::vector<std::string> missing = unseen(outcome.tally);
  for (const std::string& name : missing)
    if (arguments.whole) std::printf("never seen: %s\n", name.c_str());
  if (arguments.whole && !missing.empty()) return 3;
  const double loops = outcome.tally.loops_per_second();
  if (arguments.ratio_min > 0 && outcome.tally.sagas_per_second() < arguments.ratio_min * loops) {
    std::printf("too slow: a ratio of %.4f is wanted\n", arguments.ratio_min);
    return 4;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  Assignment& assignment = arguments.assignment;
  CLI::App app{"Runs Amends in a simulated world, out of a seed."};
  app.add_option("--seed", arguments.seed, "run this one, and tell everything about it");
  app.add_option("--seeds", arguments.seeds, "A..B: run all of these");
  app.add_option("--seconds", assignment.seconds, "begin no seed later");
  app.add_option("--jobs", assignment.jobs, "processes");
  app.add_option("--set", assignment.changes, "name=value ...: options other than drawn");
  app.add_option("--evidence", arguments.evidence, "a directory for what a checker reads");
  app.add_option("--judge-every", assignment.judge_every,
                 "with --seeds: write the evidence of every so manieth");
  app.add_option("--plant", arguments.plants, "a planted bug to switch on");
  app.add_flag("--plants", arguments.list_plants, "name all bugs that can be planted");
  app.add_flag("--unjudged", arguments.unjudged, "with --seed: go on after a broken promise");
  app.add_option("--ratio-min", arguments.ratio_min, "sagas a second, to one calibration loop a second");
  app.add_option("--regressions", arguments.regressions, "a file of runs: a seed and changed options a line");
  app.add_flag("--trace", arguments.trace, "tell what happens");
  app.add_flag("--twice", assignment.twice, "run each seed twice, and compare");
  app.add_flag("--whole", arguments.whole, "these runs must have seen everything");
  app.add_flag("--no-shrink", arguments.no_shrink, "do not make a failing run smaller");
  CLI11_PARSE(app, argc, argv);
  std::set<std::string_view> known_plants;
  for (const PlantRow& row : plant_rows()) {
    if (arguments.list_plants) std::printf("%s\t%s\n", row.name.data(), row.what.data());
    known_plants.insert(row.name);
  }
  if (arguments.list_plants) return 0;
  for (const std::string& plant : arguments.plants)
    if (!known_plants.contains(plant)) {
      std::printf("there is no planted bug '%s'\n", plant.c_str());
      return 2;
    }
  plants().insert(arguments.plants.begin(), arguments.plants.end());
  Options probe;
  if (const std::string wrong = change(probe, assignment.changes); !wrong.empty()) {
    std::printf("%s\n", wrong.c_str());
    return 2;
  }
  if (!arguments.regressions.empty()) return run_regressions(arguments.regressions);
  if (arguments.seeds.empty()) return run_one(arguments);
  if (std::sscanf(arguments.seeds.c_str(), "%lu..%lu", &assignment.first, &assignment.last) != 2) {
    std::printf("--seeds is A..B\n");
    return 2;
  }
  return run_many(arguments);
}
